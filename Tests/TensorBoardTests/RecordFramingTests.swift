import Foundation
import TensorBoard
import Testing

struct RecordFramingTests {
    /// The examples of RFC 3720, B.4, and the usual check value.
    @Test(
        arguments: [
            ([UInt8](repeating: 0, count: 32), 0x8A91_36AA), ([UInt8](repeating: 0xFF, count: 32), 0x62A8_AB43),
            ([UInt8](0..<32), 0x46DD_794E), ([UInt8]((0..<32).reversed()), 0x113F_DB5C),
            ([UInt8]("123456789".utf8), 0xE306_9283), ([], 0),
        ] as [([UInt8], UInt32)])
    func checksumsAreThoseOfTheStandard(bytes: [UInt8], checksum: UInt32) {
        #expect(CRC32C.checksum(bytes) == checksum)
    }

    /// As TensorBoard's RecordWriter has them.
    @Test func recordsStandBetweenTheirChecksums() {
        #expect(RecordFraming.frame(Data("abc".utf8)).hex == "0300000000000000b099490e6162636e57f121")
        #expect(RecordFraming.frame(Data()).hex == "000000000000000029039807d8ea82a2")
    }

    private let records = [Data("abc".utf8), Data(), Data(repeating: 7, count: 300)]
    private var file: Data { records.map(RecordFraming.frame).reduce(Data(), +) }

    @Test func recordsReadBack() {
        #expect(RecordFraming.records(in: file) == records)
        // A part of a larger piece of data, whose indices do not begin with 0.
        #expect(RecordFraming.records(in: (Data([1, 2]) + file).dropFirst(2)) == records)
    }

    @Test func readingEndsWhereTheFileIsCutShort() {
        let ends = [19, 35, file.count]
        for count in 0..<file.count {
            #expect(RecordFraming.records(in: file.prefix(count)) == Array(records.prefix(ends.count { $0 <= count })))
        }
    }

    @Test func readingEndsAtADamagedRecord() {
        for place in file.indices {
            var damaged = file
            damaged[place] ^= 0x10
            let whole = [19, 35, file.count].count { $0 <= place }
            #expect(RecordFraming.records(in: damaged) == Array(records.prefix(whole)), "byte \(place)")
        }
    }
}

extension Data {
    var hex: String { map { String(format: "%02x", $0) }.joined() }
}
