import Foundation
import TensorBoard
import Testing

struct EventFileTests {
    private let event = SummaryEvent(
        step: 300, time: Date(timeIntervalSince1970: 1.5e9),
        [
            .init("train/loss", .scalar(0.375)), .init("norms/weights", .scalar(2.5), description: "L2"),
            .init("attention/bird", .image(file: Data([0x89] + "PNG".utf8), width: 3, height: 2)),
        ])

    /// Tools/fixtures/event.py printed the bytes.
    @Test func eventsAreWrittenAsTensorBoardWritesThem() {
        let expected =
            "5d00000000000000615bbbb909000000c00b5ad64110ac022a4f0a110a0a747261696e2f6c6f7373150000c03e0a1a0a0d6e6f726d73"
            + "2f7765696768747315000020404a041a024c320a1e0a0e617474656e74696f6e2f62697264220c080210031803220489504e4723ca5b"
            + "63"
        #expect(EventFile.bytes(event).hex == expected)
    }

    @Test func eventsReadBackWithoutWhatStartsAFile() {
        let other = SummaryEvent(step: 301, [])
        let file = EventFile.start(writer: "test") + EventFile.bytes(event) + EventFile.bytes(other)
        #expect(EventFile.events(in: file).map(\.step) == [300, 301])
        #expect(EventFile.events(in: file).first == event)
        #expect(EventFile.events(in: file.dropLast()).map(\.step) == [300])
    }
}
