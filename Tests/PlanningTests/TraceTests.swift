import Planning
import Testing

@Suite struct TraceTests {
    /// A rank's step that begins at `start` s: waits 0.1 s for images, 1 s forward, 0.5 s loss, 2 s backward with the
    /// first of two gradients final in its middle, 0.25 s of the optimizer.
    private func step(_ number: Int, rank: Int, from start: Double, factor: Double = 1) -> [String] {
        func event(_ name: String, _ category: String, _ from: Double, _ seconds: Double, thread: Int = 0) -> String {
            """
            {"ph":"X","pid":\(rank),"tid":\(thread),"name":"\(name)","cat":"\(category)","ts":\(1e6 * (start + from * factor)),\
            "dur":\(1e6 * seconds * factor)}
            """
        }
        return [
            event("step \(number)", "step", 0, 4.5), event("wait for images", "data", 0, 0.1),
            event("forward", "forward", 0.1, 1), event("conv1.weight forward", "forward", 0.2, 0.7),
            event("loss", "forward", 1.1, 0.5), event("backward", "backward", 1.6, 2),
            event("gradients to byte 400", "gradients", 2.6, 0), event("gradients to byte 1000", "gradients", 3.6, 0),
            event("reduce bucket 0", "reduction", 3.6, 0.5, thread: 1),
            event("optimizer, bucket 0", "optimizer", 4.1, 0.25, thread: 1),
        ]
    }

    private func trace(_ events: [String], about: String = Self.about) -> String {
        let hosts = ["a", "a", "b"].enumerated().map { rank, host in
            "{\"ph\":\"M\",\"pid\":\(rank),\"name\":\"process_name\",\"args\":{\"name\":\"rank \(rank) (\(host))\"}}"
        }
        return "{\"otherData\":{\(about)},\"traceEvents\":[\((hosts + events).joined(separator: ","))]}"
    }

    private static let about =
        "\"model\":\"a model\",\"imageSize\":\"64\",\"imagesPerRank\":\"8\",\"threads\":\"2\",\"processors\":\"3\""

    /// The first step does not count. The others' means are 2 on rank 0, and 1 on rank 1 and 2.
    @Test func profileIsTheSlowestRanksMean() throws {
        let events =
            step(1, rank: 0, from: 0, factor: 9) + step(2, rank: 0, from: 50, factor: 1)
            + step(3, rank: 0, from: 60, factor: 3)
            + (1...2).flatMap { rank in (1...3).flatMap { step($0, rank: rank, from: 5 * Double($0)) } }
        let profile = try StepProfile(trace: trace(events), path: "t.json")
        #expect(profile.model == "a model" && profile.imageSize == 64 && profile.gradientBytes == 1000)
        #expect(profile.threads == 2 && profile.processors == 3 && profile.ranksPerNode == 2)
        let computation = try #require(profile.computations.first)
        #expect(computation.images == 8 && profile.computations.count == 1)
        #expect(computation.backward.map(\.bytes) == [400, 1000])
        let times = [computation.forward, profile.optimizer, profile.dataWait] + computation.backward.map(\.seconds)
        for (time, expected) in zip(times, [3, 0.5, 0.2, 2, 4]) { #expect(abs(time - expected) < 1e-6) }
    }

    @Test func tracesThatTellTooLittleAreRefused() {
        func expectRefusal(_ text: String, _ problem: String) {
            let error = #expect(throws: PlanError.self) { try StepProfile(trace: text, path: "t.json") }
            #expect(error == .notATrace(path: "t.json", problem: problem))
        }
        let steps = (1...2).flatMap { step($0, rank: 0, from: 5 * Double($0)) }
        expectRefusal("{}", "there is no traceEvents")
        expectRefusal(
            trace(step(1, rank: 0, from: 0)),
            "it has fewer than two whole steps, of which the first does not count; see --trace-steps")
        expectRefusal(trace(steps, about: "\"model\":\"a\""), "it does not tell the run's imageSize")
        expectRefusal(
            trace(steps, about: Self.about.replacing("\"8\"", with: "\"many\"")), "the run's imagesPerRank is 'many'")
        expectRefusal(
            trace(steps.filter { !$0.contains("to byte") }), "it does not say when gradients were final")
        let second = step(2, rank: 0, from: 10).filter { $0.contains("\"backward\"") }
        expectRefusal(
            trace(steps + second), "its steps have several batches, of --accumulate; trace a run without")
    }
}
