import Planning
import Testing

@Suite struct ScalingPlanTests {
    private func plan(
        _ nodes: [Int], _ batch: ScalingPlan.Batch = .perRank(nil), images: Int? = nil,
        _ profile: StepProfile = simpleProfile()
    ) -> ScalingPlan {
        ScalingPlan(profile, mebibyteASecond, buckets(2), nodes: nodes, batch: batch, images: images)
    }

    /// 3 s alone, 6 s on two nodes.
    @Test func weakScalingKeepsTheBatchOfARank() throws {
        let rows = plan([1, 2], images: 100).rows
        #expect(rows.map(\.batchSize) == [8, 16] && rows.map(\.ranks) == [1, 2])
        #expect(rows[0].stepSeconds == 3 && rows[0].efficiency == 1 && rows[0].exposedSeconds == 0)
        #expect(abs(rows[1].stepSeconds - 6) < 1e-3 && abs(rows[1].efficiency - 0.5) < 1e-3)
        #expect(abs(rows[1].exposedSeconds - 3) < 1e-3 && abs(rows[1].imagesPerSecond - 16 / 6) < 1e-3)
        // What is left over after the last whole step is not trained on.
        #expect(rows.map(\.stepsPerEpoch) == [12, 6] && rows[0].epochSeconds == 36)
    }

    @Test func efficiencyIsBesideOneNodeEvenWhereThatIsNotAskedFor() {
        #expect(plan([2]).rows[0] == plan([1, 2]).rows[1])
    }

    @Test func strongScalingSharesTheBatchOut() {
        let plan = plan([1, 2, 16, 32], .global(16))
        // Twice the profiled batch, then the profiled one, then one image a rank: in proportion.
        #expect(plan.rows.map(\.batchSize) == [16, 16, 16] && plan.rows[0].stepSeconds == 6)
        #expect(abs(plan.rows[1].efficiency - 0.5) < 1e-3 && plan.impossible == [32])
        #expect(plan.lines(epochs: nil).last?.contains("taken in proportion") == true)
        #expect(plan.lines(epochs: nil).contains("from 32 nodes on there are more ranks than a step has images"))
    }

    /// The rank with most images ends last: 7 images over two ranks are 4 and 3.
    @Test func unevenSlicesTakeAsLongAsTheLargest() {
        #expect(plan([2], .global(7)).rows[0].stepSeconds == plan([2], .global(8)).rows[0].stepSeconds)
    }

    /// 1.5 s for two images and 3 s for eight: a line through both.
    @Test func otherBatchesLieOnALineThroughTheMeasuredOnes() {
        var profile = simpleProfile()
        let eight = profile.computations[0]
        var two = eight
        two.images = 2
        two.forward /= 2
        for index in two.backward.indices { two.backward[index].seconds /= 2 }
        profile.computations = [two, eight]
        #expect(profile.computation(images: 2) == two && profile.computation(images: 8) == eight)
        #expect(abs(profile.computation(images: 4).seconds - 2) < 1e-12)
        #expect(abs(profile.computation(images: 1).seconds - 1.25) < 1e-12)
        #expect(abs(profile.computation(images: 16).seconds - 5) < 1e-12)
        #expect(plan([1], .global(4), profile).lines(epochs: nil).last?.contains("proportion") == false)
    }

    @Test func epochsWithFewerImagesThanAStepAreNotTimed() {
        let plan = plan([1, 2], images: 10)
        #expect(plan.rows.map(\.stepsPerEpoch) == [1, nil])
        #expect(plan.lines(epochs: 2).contains("from 2 nodes on a step has more images than the 10 of an epoch"))
    }

    @Test func tableHasARowForEachNumberOfNodes() {
        let lines = plan([1, 2], images: 800).lines(epochs: 30)
        #expect(
            lines == [
                "a model, 32 px, 1 rank a node, 1 thread a rank; links of 8.38861 Mbit/s and 0",
                "4.0 MiB of gradients in buckets of 2 MiB, float32 between nodes, summed while the backward goes on",
                "nodes  ranks  batch    step  images/s  efficiency  exposed    epoch  30 epochs",
                "    1      1      8  3.00 s      2.67     100.0 %        0  0:05:00    2:30:00",
                "    2      2     16  6.00 s      2.67      50.0 %   3.00 s  0:05:00    2:30:00",
            ])
    }

    /// With one bucket the sums begin late; with four each ends before the next begins.
    @Test func suggestionIsTheShortestOfAllSchemes() throws {
        let best = ScalingPlan.best(simpleProfile(), mebibyteASecond, nodes: 2, images: 8)
        #expect(best.map(\.scheme.wire) == [.float32, .bfloat16])
        for suggestion in best {
            for size in [1, 2, 4] {
                let scheme = buckets(size, suggestion.scheme.wire)
                let step = StepModel(simpleProfile(), mebibyteASecond, scheme).timeline(nodes: 2, images: 8)
                #expect(suggestion.stepSeconds <= step.end)
            }
        }
        #expect(best[1].stepSeconds < best[0].stepSeconds)
    }
}
