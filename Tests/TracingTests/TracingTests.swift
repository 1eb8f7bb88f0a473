import Foundation
import Testing
import Tracing

@Suite struct TracingTests {
    private struct Event: Decodable {
        struct Arguments: Decodable { let name: String }
        let ph: String
        let pid: Int
        let tid: Int?
        let name: String
        let ts: Double?
        let dur: Double?
        let args: Arguments?
    }

    private struct File: Decodable { let traceEvents: [Event] }

    private func events(_ trace: ChromeTrace) throws -> [Event] {
        try JSONDecoder().decode(File.self, from: Data(trace.json.utf8)).traceEvents
    }

    @Test func spansStandOnTheirRanksTracks() throws {
        let recorder: SpanRecorder? = SpanRecorder()
        recorder?.start()
        let result = recorder.span("outer \"layer\"", "forward") {
            recorder.span("bucket\\0", "reduction", on: .communication) { 7 }
        }
        #expect(result == 7)
        let (spans, leftOut) = try #require(recorder?.stop())
        #expect(leftOut == 0 && spans.map(\.name) == ["bucket\\0", "outer \"layer\""])

        var trace = ChromeTrace()
        trace.add(spans, rank: 3, host: "node\"1")
        let events = try events(trace)
        #expect(
            events.filter { $0.ph == "M" }.compactMap(\.args?.name) == [
                "rank 3 (node\"1)", "training", "communication",
            ])
        let drawn = events.filter { $0.ph == "X" }
        #expect(drawn.map(\.name) == spans.map(\.name) && drawn.allSatisfy { $0.pid == 3 })
        #expect(drawn[0].tid != drawn[1].tid)
        let (inner, outer) = (drawn[0], drawn[1])
        let (innerStart, outerStart) = (try #require(inner.ts), try #require(outer.ts))
        let innerEnd = innerStart + (try #require(inner.dur))
        let outerEnd = outerStart + (try #require(outer.dur))
        #expect(innerStart >= outerStart && innerEnd <= outerEnd + 0.001)
    }

    @Test func timeWithinAnotherSpanCountsForItsOwnCategory() {
        let recorder = SpanRecorder()
        let spans: SpanRecorder? = recorder
        spans.span("step 1", "step") {
            spans.span("forward", "forward") {
                spans.span("layer", "forward") { Thread.sleep(forTimeInterval: 0.02) }
                spans.span("statistics", "collective") { Thread.sleep(forTimeInterval: 0.04) }
            }
            spans.span("elsewhere", "optimizer", on: .communication) { Thread.sleep(forTimeInterval: 0.01) }
        }
        let seconds = recorder.trainingSeconds
        #expect(Set(seconds.keys) == ["step", "forward", "collective"])
        #expect((0.02..<0.04).contains(seconds["forward"] ?? 0), "\(seconds)")
        #expect((0.04..<0.06).contains(seconds["collective"] ?? 0), "\(seconds)")
        #expect((0.01..<0.03).contains(seconds["step"] ?? 0), "\(seconds)")
    }

    @Test func nothingIsRecordedBeforeTheStartAndAfterTheEnd() {
        let recorder = SpanRecorder()
        let before = ContinuousClock.now
        recorder.record("early", "x", on: .training, since: before)
        recorder.start()
        recorder.record("began before", "x", on: .training, since: before)
        #expect(recorder.stop().spans.isEmpty)
        recorder.record("late", "x", on: .training, since: .now)
        #expect(recorder.stop().spans.isEmpty)
    }

    @Test func spansWithoutRoomAreCounted() {
        let recorder = SpanRecorder(capacity: 2)
        recorder.start()
        for _ in 0..<5 { recorder.record("x", "x", on: .training, since: .now) }
        let (spans, leftOut) = recorder.stop()
        #expect(spans.count == 2 && leftOut == 3)
    }

    @Test func namesAreNotMadeWithoutARecorder() {
        let recorder: SpanRecorder? = nil
        func name() -> String {
            Issue.record("a name nobody reads")
            return ""
        }
        #expect(recorder.span(name(), "x") { 1 } == 1)
    }
}
