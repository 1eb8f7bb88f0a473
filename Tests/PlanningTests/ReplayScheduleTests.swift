import Planning
import Testing

@Suite struct ReplayScheduleTests {
    /// One bucket of a MiB and a half: two pieces on two nodes, whose stages interleave as in `HierarchicalReduction`.
    @Test func scheduleHasTheLeadersMessagesInTheirOrder() throws {
        var profile = simpleProfile()
        profile.gradientBytes = 3 << 19
        profile.computations[0].backward = [StepProfile.Completion(bytes: 3 << 19, seconds: 2)]
        let schedule = ReplaySchedule(profile, mebibyteASecond, buckets(2), nodes: 2, images: 8)
        let lines = schedule.text.split(separator: "\n").filter { !$0.hasPrefix("pause") }.map(String.init)
        #expect(
            lines == [
                "nodes 2", "bandwidth 1048576.0", "latency 0.0", "await 3.0",
                "terms 0 262144 4",
                "terms 1 131072 4", "wait 0", "sums 0 262144 4",
                "wait 1", "sums 1 131072 4", "wait 0",
                "wait 1", "await 3.0",
                // The sum of the losses: one number.
                "terms 0 1 8", "wait 0", "sums 0 1 8", "wait 0",
            ])
    }

    @Test func compressedMessagesHaveTwoBytesANumberAndWorkAroundThem() {
        let sums = StepProfile.SumCosts(
            nodeCall: 0, nodeByte: 0, add: 0, encode: 1 / Double(4 << 20), addEncoded: 0, decode: 2 / Double(4 << 20))
        let schedule = ReplaySchedule(
            simpleProfile(sums: sums), mebibyteASecond, buckets(1, .bfloat16), nodes: 16, images: 8)
        let lines = schedule.text.split(separator: "\n").filter { !$0.hasPrefix("pause") }.map(String.init)
        // All of a piece of one MiB is rounded, then the own slice of the sum; all is read back.
        #expect(
            lines.dropFirst(4).prefix(7) == [
                "work 0.25", "terms 0 262144 2", "wait 0", "work 0.015625", "sums 0 262144 2", "wait 0", "work 0.5",
            ])
    }

    @Test func withoutOverlapAllBucketsWaitForTheBackward() {
        let schedule = ReplaySchedule(
            simpleProfile(), mebibyteASecond, buckets(2, overlap: false), nodes: 2, images: 8)
        let awaited = schedule.text.split(separator: "\n").filter { $0.hasPrefix("await") }
        #expect(awaited == ["await 3.0", "await 3.0", "await 3.0"])
    }
}
