import CZlib

/// What a zlib stream holds.
/// - Parameter greatestSize: more is damage.
/// - Throws: `MATDamage`.
package func inflated(_ stream: ArraySlice<UInt8>, greatestSize: Int) throws -> [UInt8] {
    var state = z_stream()
    guard inflateInit_(&state, ZLIB_VERSION, Int32(MemoryLayout<z_stream>.size)) == Z_OK else {
        throw MATDamage("zlib has no memory")
    }
    defer { inflateEnd(&state) }
    var result: [UInt8] = []
    let chunk = 1 << 16
    try stream.withUnsafeBufferPointer { input in
        // zlib's own header says the input is not written to.
        state.next_in = UnsafeMutablePointer(mutating: input.baseAddress)
        state.avail_in = UInt32(input.count)
        while true {
            var status = Z_OK
            result += [UInt8](unsafeUninitializedCapacity: chunk) { output, count in
                state.next_out = output.baseAddress
                state.avail_out = UInt32(chunk)
                status = inflate(&state, Z_NO_FLUSH)
                count = chunk - Int(state.avail_out)
            }
            if status == Z_STREAM_END { return }
            guard status == Z_OK else { throw MATDamage("it cannot be inflated") }
            guard result.count <= greatestSize else { throw MATDamage("it is too large for annotations") }
        }
    }
    return result
}
