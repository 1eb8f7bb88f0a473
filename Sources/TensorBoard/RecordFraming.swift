import Foundation

/// How event files hold their records, as TensorFlow's TFRecord files do: length, checksum of the length, the bytes,
/// their checksum; numbers are little-endian.
enum RecordFraming {
    /// One record as it stands in a file.
    static func frame(_ record: Data) -> Data {
        var framed = Data(capacity: record.count + 16)
        withUnsafeBytes(of: UInt64(record.count).littleEndian) { length in
            framed.append(contentsOf: length)
            append(masked(CRC32C.checksum(length)), to: &framed)
        }
        framed.append(record)
        append(masked(CRC32C.checksum(record)), to: &framed)
        return framed
    }

    /// The format's own twist, so that a checksum of bytes that hold checksums is none of them.
    private static func masked(_ checksum: UInt32) -> UInt32 {
        (checksum >> 15 | checksum << 17) &+ 0xA282_EAD8
    }

    private static func append(_ number: UInt32, to data: inout Data) {
        withUnsafeBytes(of: number.littleEndian) { data.append(contentsOf: $0) }
    }
}
