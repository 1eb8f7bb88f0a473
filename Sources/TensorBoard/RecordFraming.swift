import Foundation

/// How event files hold their records, as TensorFlow's TFRecord files do: length, checksum of the length, the bytes,
/// their checksum; numbers are little-endian.
package enum RecordFraming {
    /// One record as it stands in a file.
    package static func frame(_ record: Data) -> Data {
        var framed = Data(capacity: record.count + 16)
        withUnsafeBytes(of: UInt64(record.count).littleEndian) { length in
            framed.append(contentsOf: length)
            append(masked(CRC32C.checksum(length)), to: &framed)
        }
        framed.append(record)
        append(masked(CRC32C.checksum(record)), to: &framed)
        return framed
    }

    /// The records of a file up to the first one that is cut short or damaged, behind which no reader finds its way.
    package static func records(in file: Data) -> [Data] {
        var records: [Data] = []
        var rest = file[...]
        while rest.count >= 16 {
            let length = rest.prefix(8)
            let count = length.reversed().reduce(UInt64(0)) { $0 << 8 | UInt64($1) }
            guard checksum(behind: length, in: rest), count <= UInt64(rest.count - 16) else { break }
            let record = rest.dropFirst(12).prefix(Int(count))
            guard checksum(behind: record, in: rest) else { break }
            records.append(Data(record))
            rest = rest.dropFirst(16 + Int(count))
        }
        return records
    }

    /// Whether the four bytes behind a part of a file are its checksum.
    private static func checksum(behind part: Data, in file: Data) -> Bool {
        let stored = file[part.endIndex...].prefix(4).reversed().reduce(UInt32(0)) { $0 << 8 | UInt32($1) }
        return stored == masked(CRC32C.checksum(part))
    }

    /// The format's own twist, so that a checksum of bytes that hold checksums is none of them.
    private static func masked(_ checksum: UInt32) -> UInt32 {
        (checksum >> 15 | checksum << 17) &+ 0xA282_EAD8
    }

    private static func append(_ number: UInt32, to data: inout Data) {
        withUnsafeBytes(of: number.littleEndian) { data.append(contentsOf: $0) }
    }
}
