import Datasets
import Testing

@Suite struct OrderTests {
    @Test func orderIsAPermutationOfTheEpochAlone() {
        let order = EpochOrder(count: 101, batchSize: 10, seed: 7)
        let first = order.permutation(epoch: 3)
        #expect(first.sorted() == Array(0..<101))
        #expect(first == EpochOrder(count: 101, batchSize: 33, seed: 7).permutation(epoch: 3))
        #expect(first != order.permutation(epoch: 4))
        #expect(first != EpochOrder(count: 101, batchSize: 10, seed: 8).permutation(epoch: 3))
        // Pinned: a change of the order would break the resumption of old runs.
        #expect(EpochOrder(count: 10, batchSize: 10, seed: 42).permutation(epoch: 0) == [8, 9, 2, 1, 7, 3, 0, 5, 4, 6])
    }

    @Test(arguments: [1, 2, 3, 7, 16]) func ranksTogetherSeeTheSameBatches(ranks: Int) {
        let order = EpochOrder(count: 103, batchSize: 10, seed: 7, dropsLast: false)
        let permutation = order.permutation(epoch: 2)
        let plans = (0..<ranks).map { order.plans(epoch: 2, rank: $0, of: ranks) }
        for number in 0..<order.batchesPerEpoch {
            let parts = plans.map { $0[number] }
            #expect(parts.allSatisfy { $0.epoch == 2 && $0.number == number })
            let together = parts.flatMap(\.indices)
            #expect(together == Array(permutation[number * 10..<min(103, number * 10 + 10)]))
            #expect(parts.allSatisfy { $0.globalCount == together.count })
        }
    }

    @Test func smallLastBatchIsDroppedUnlessAlone() {
        #expect(EpochOrder(count: 103, batchSize: 10, seed: 1).batchesPerEpoch == 10)
        #expect(EpochOrder(count: 103, batchSize: 10, seed: 1, dropsLast: false).batchesPerEpoch == 11)
        let alone = EpochOrder(count: 3, batchSize: 10, seed: 1)
        #expect(alone.batchesPerEpoch == 1 && alone.plans(epoch: 0, rank: 0, of: 1)[0].indices.count == 3)
    }

    @Test func plansFromTheMiddleAreTheRest() {
        let order = EpochOrder(count: 64, batchSize: 8, seed: 1)
        let all = order.plans(epoch: 5, rank: 1, of: 2)
        #expect(order.plans(epoch: 5, from: 3, rank: 1, of: 2) == Array(all[3...]))
        #expect(order.plans(epoch: 5, from: 8, rank: 1, of: 2).isEmpty)
    }

    @Test func slicesCoverExactlyAndDifferByAtMostOne() {
        for count in 0..<20 {
            for ranks in 1..<9 {
                let slices = (0..<ranks).map { slice(of: count, rank: $0, of: ranks) }
                #expect(slices.flatMap { Array($0) } == Array(0..<count))
                let lengths = slices.map(\.count)
                #expect(lengths == lengths.sorted(by: >) && lengths[0] - lengths[ranks - 1] <= 1)
            }
        }
    }

    @Test(arguments: [1, 3, 50]) func evaluationSeesTheSameBatchesOnceOnAnyNumberOfRanks(ranks: Int) {
        let plans = (0..<ranks).map { EvaluationOrder.plans(count: 41, batchSize: 4, rank: $0, of: ranks) }
        let all = plans.joined().sorted { $0.number < $1.number }
        #expect(all == EvaluationOrder.plans(count: 41, batchSize: 4, rank: 0, of: 1))
        #expect(all.flatMap(\.indices) == Array(0..<41))
        #expect(all.map(\.indices.count) == [Int](repeating: 4, count: 10) + [1])
        let counts = plans.map(\.count)
        #expect((counts.max() ?? 0) - (counts.min() ?? 0) <= 1)
    }

    @Test func nativeEvaluationGroupsEqualUprightSizes() throws {
        let names = ["color-420", "exif-1", "grey", "exif-6", "cmyk", "exif-5", "color-444"]
        let samples = names.enumerated().map { index, name in
            ImageSample(
                path: fixtures.appending(path: "\(name).jpg").path, relativePath: name, label: 0, officialID: index)
        }
        let sizes = try EvaluationOrder.sizes(of: samples, in: 0..<7, for: NativeTransform())
        #expect(
            try EvaluationOrder.sizes(of: samples, in: 2..<5, for: NativeTransform()) == Array(sizes[2..<5]))
        let plans = EvaluationOrder.plans(sizes: sizes, batchSize: 2, rank: 0, of: 1)
        #expect(plans.map(\.indices) == [[0, 2], [6], [1, 4], [3, 5]])
        #expect(plans.map(\.number) == [0, 1, 2, 3])
        let halves = (0..<2).map { EvaluationOrder.plans(sizes: sizes, batchSize: 2, rank: $0, of: 2) }
        #expect(halves.map { $0.map(\.indices) } == [[[0, 2], [1, 4]], [[6], [3, 5]]])
    }
}
