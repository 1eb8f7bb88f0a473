import Datasets

/// Makes damaged files right again where a checksum would give them away at once.
enum FileRepair {
    /// The file with the right CRC behind each chunk, as far as chunks can be told.
    static func checksums(ofPNG bytes: [UInt8]) -> [UInt8] {
        var bytes = bytes
        var position = 8
        while position + 12 <= bytes.count {
            let length = bytes[position..<position + 4].reduce(0) { $0 << 8 | Int($1) }
            guard position + 12 + length <= bytes.count else { break }
            let crc = crc32(bytes[position + 4..<position + 8 + length])
            bytes.replaceSubrange(
                position + 8 + length..<position + 12 + length,
                with: [24, 16, 8, 0].map { UInt8(truncatingIfNeeded: crc >> $0) })
            position += 12 + length
        }
        return bytes
    }

    /// A MATLAB file with its compressed variables as plain ones, which can be damaged; other files as they are.
    static func plainVariables(of bytes: [UInt8]) -> [UInt8] {
        guard bytes.starts(with: "MATLAB".utf8) else { return bytes }
        return variables(of: bytes) { kind, element in
            kind == 15 ? (try? inflated(element.dropFirst(8), greatestSize: 1 << 20)) : nil
        }
    }

    /// A MATLAB file with its plain variables as compressed ones: by deflate's stored blocks, so that the damage in them
    /// stays what it is.
    static func compressedVariables(of bytes: [UInt8]) -> [UInt8] {
        variables(of: bytes) { kind, element in
            guard kind == 14, element.count <= 0xFFFF else { return nil }
            let stream = zlibStream(of: element)
            return littleEndian(15) + littleEndian(stream.count) + stream
        }
    }

    /// A MATLAB file with other variables in its variables' places, as far as variables can be told.
    /// - Parameter change: takes an element's type and all of its bytes; gives nil for one that stays as it is.
    private static func variables(
        of bytes: [UInt8], _ change: (_ kind: Int, _ element: ArraySlice<UInt8>) -> [UInt8]?
    ) -> [UInt8] {
        guard bytes.count > 128 else { return bytes }
        var result = Array(bytes[..<128])
        var position = 128
        while position + 8 <= bytes.count {
            let kind = littleEndian(bytes[position..<position + 4])
            let end = position + 8 + littleEndian(bytes[position + 4..<position + 8])
            guard end <= bytes.count else { break }
            let element = bytes[position..<end]
            result += change(kind, element) ?? Array(element)
            position = end
        }
        return result + bytes[position...]
    }

    /// One stored block between zlib's header and checksum.
    private static func zlibStream(of content: ArraySlice<UInt8>) -> [UInt8] {
        let length = littleEndian(content.count).prefix(2)
        var (a, b): (UInt32, UInt32) = (1, 0)
        for byte in content {
            a = (a + UInt32(byte)) % 65521
            b = (b + a) % 65521
        }
        let checksum = littleEndian(Int(b << 16 | a)).reversed()
        return [0x78, 0x01, 0x01] + length + length.map { ~$0 } + content + checksum
    }

    private static func littleEndian(_ bytes: ArraySlice<UInt8>) -> Int {
        bytes.reversed().reduce(0) { $0 << 8 | Int($1) }
    }

    private static func littleEndian(_ number: Int) -> [UInt8] {
        [0, 8, 16, 24].map { UInt8(truncatingIfNeeded: number >> $0) }
    }

    private static func crc32(_ bytes: ArraySlice<UInt8>) -> UInt32 {
        var crc: UInt32 = 0xFFFF_FFFF
        for byte in bytes {
            crc ^= UInt32(byte)
            for _ in 0..<8 { crc = crc & 1 == 1 ? 0xEDB8_8320 ^ (crc >> 1) : crc >> 1 }
        }
        return ~crc
    }
}
