import Collectives
import Planning
import Testing

/// Hand-computed steps. What a leader waits between two looks for messages, 35 µs each time, is all that the tolerances
/// leave room for.
@Suite struct TimelineTests {
    private func isNear(_ value: Double, _ expected: Double) -> Bool { abs(value - expected) < 1e-3 }

    private func timeline(
        _ profile: StepProfile, _ scheme: BucketScheme, nodes: Int, over network: Network = mebibyteASecond
    ) -> StepTimeline { StepModel(profile, network, scheme).timeline(nodes: nodes, images: 8) }

    @Test func aRankAloneComputesAndThenMovesItsParameters() {
        let step = timeline(simpleProfile(optimizer: 0.5), buckets(2), nodes: 1)
        #expect(step.forwardEnd == 1 && step.backwardEnd == 3)
        #expect(step.buckets.map(\.bytes) == [2 << 20, 2 << 20])
        #expect(step.buckets.map(\.ready) == [2, 3])
        // Without others there is no thread that would move the first bucket earlier.
        #expect(step.buckets.map(\.start) == [3, 3.25] && step.buckets.map(\.moved) == [3.25, 3.5])
        #expect(step.end == 3.5 && step.linkSeconds == 0)
    }

    /// Of a bucket of two pieces each of two leaders sends 1/2 MiB four times: two terms, two sums.
    @Test func bucketsAreSummedWhileTheBackwardGoesOn() {
        let step = timeline(simpleProfile(), buckets(2), nodes: 2)
        #expect(step.buckets.map(\.ready) == [2, 3])
        #expect(step.buckets[0].start == 2 && isNear(step.buckets[0].summed, 4))
        // The second waits for the first.
        #expect(isNear(step.buckets[1].start, 4) && isNear(step.buckets[1].summed, 6))
        #expect(step.backwardEnd == 3 && isNear(step.end, 6) && isNear(step.linkSeconds, 4))
    }

    @Test func withoutOverlapSumsBeginAfterTheBackward() {
        let step = timeline(simpleProfile(), buckets(2, overlap: false), nodes: 2)
        #expect(step.buckets.map(\.ready) == [2, 3])
        #expect(step.buckets[0].start == 3 && isNear(step.end, 7))
    }

    @Test func aBucketOfBothHalvesWaitsForTheBackward() {
        let step = timeline(simpleProfile(), buckets(4), nodes: 2)
        #expect(step.buckets.map(\.ready) == [3] && isNear(step.end, 7))
    }

    @Test func bfloat16SendsHalf() {
        let step = timeline(simpleProfile(), buckets(2, .bfloat16), nodes: 2)
        #expect(isNear(step.buckets[0].summed, 3) && isNear(step.end, 4) && isNear(step.linkSeconds, 2))
    }

    /// Four leaders: 3/4 of a piece in terms, and as much in sums.
    @Test func moreNodesSendMore() {
        let step = timeline(simpleProfile(), buckets(4), nodes: 4)
        #expect(isNear(step.linkSeconds, 6) && isNear(step.end, 9))
    }

    /// A single piece: terms and sums arrive a latency after they are sent, and so does the sum of the losses.
    @Test func latencyCountsWhereALeaderWaitsForIt() {
        var network = mebibyteASecond
        network.latency = 0.25
        let step = timeline(simpleProfile(), buckets(1), nodes: 2, over: network)
        // 1/2 + 1/4 and again, for each of four buckets that follow each other from second 2 on.
        #expect(step.buckets.map(\.ready) == [2, 2, 3, 3])
        for (index, bucket) in step.buckets.enumerated() {
            #expect(isNear(bucket.start, 2 + 1.5 * Double(index)) && isNear(bucket.summed, 3.5 + 1.5 * Double(index)))
        }
        #expect(isNear(step.end, 8.5))
    }

    /// While one piece is under way another is sent: four pieces need one latency in the end, not four.
    @Test func piecesHideTheLatencyOfEachOther() {
        var network = mebibyteASecond
        network.latency = 0.25
        let step = timeline(simpleProfile(), buckets(4), nodes: 2, over: network)
        // The link is never idle: terms 0 and 1 until 4, sums 0, terms 2, sums 1, terms 3, sums 2 until 6.5, sums 3.
        #expect(isNear(step.buckets[0].summed, 3 + 4 + 0.25))
        #expect(isNear(step.end, step.buckets[0].summed + 0.5))
    }

    @Test func messagesCostTheProcessorHoweverSmallTheyAre() {
        var network = mebibyteASecond
        network.messageOverhead = 0.01
        let step = timeline(simpleProfile(), buckets(4), nodes: 4, over: network)
        // The first terms: three slices received and three sent, of five messages each. The rest is hidden behind other
        // pieces, but for the losses, of which one leader receives three and sends none of, then sends three.
        let free = timeline(simpleProfile(), buckets(4), nodes: 4)
        #expect(step.end > free.end + 0.3 + 0.06 && step.end < free.end + 0.5)
    }

    /// Two ranks a node: 1 s for each MiB in the node's sum, half of it for the way back.
    @Test func ranksOfANodeAddUpFirst() {
        let sums = StepProfile.SumCosts(
            nodeCall: 0, nodeByte: 1 / Double(1 << 20), add: 0, encode: 0, addEncoded: 0, decode: 0)
        let profile = simpleProfile(ranksPerNode: 2, sums: sums)
        let alone = timeline(profile, buckets(1), nodes: 1)
        #expect(isNear(alone.buckets[0].summed, 3) && isNear(alone.end, 6))
        let two = timeline(profile, buckets(1), nodes: 2)
        #expect(isNear(two.buckets[0].start, 2) && isNear(two.buckets[0].summed, 2 + 1 + 1 + 0.5))
    }

    /// The only processor adds up for a second in each bucket, while the backward stands still.
    @Test func withoutASpareProcessorSumsDelayTheBackward() {
        let sums = StepProfile.SumCosts(
            nodeCall: 0, nodeByte: 0, add: 1 / Double(2 << 20), encode: 0, addEncoded: 0, decode: 0)
        let spare = timeline(simpleProfile(sums: sums), buckets(2), nodes: 2)
        #expect(spare.backwardEnd == 3)
        let alone = timeline(simpleProfile(processors: 1, sums: sums), buckets(2), nodes: 2)
        #expect(isNear(alone.backwardEnd, 4))
        let threads = timeline(simpleProfile(threads: 2, sums: sums), buckets(2), nodes: 2)
        #expect(threads.backwardEnd > 3 && threads.backwardEnd < alone.backwardEnd)
    }

    /// Sent and received bytes take a quarter of the processor each while the link is in use.
    @Test func theKernelsCopiesSlowTheBackwardWhileTheLinkIsInUse() {
        var network = mebibyteASecond
        network.byteOverhead = 0.25 / Double(1 << 20)
        let step = timeline(simpleProfile(processors: 1), buckets(2), nodes: 2, over: network)
        // The second half of the backward at half of the speed, while the first bucket's 2 s of messages go on.
        #expect(isNear(step.backwardEnd, 4))
        // A link that is faster than the processor is no faster.
        network.byteOverhead = 1 / Double(1 << 20)
        #expect(network.bytesPerSecond == Double(1 << 19))
    }

    @Test func waitingForImagesComesFirst() {
        var profile = simpleProfile()
        profile.dataWait = 0.5
        let step = timeline(profile, buckets(2), nodes: 1)
        #expect(step.loaded == 0.5 && step.forwardEnd == 1.5 && step.end == 3.5)
    }
}
