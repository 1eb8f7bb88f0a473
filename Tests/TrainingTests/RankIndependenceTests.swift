import Datasets
import Foundation
import Kernels
import Testing
import Training

extension TrainingRuns {
    /// A step is the same computation whatever the number of ranks that share it.
    @Suite struct RankIndependenceTests {
        let dataset: ImageDataset

        init() throws { dataset = try TrainingFixture.longDataset() }

        /// Training magnifies rounding: with a rate of 0.01 or images of 32 pixels, whose last maps have one position,
        /// losses of one rank differ by a tenth after ten steps if the last bits of its initial weights do.
        private func tenSteps(ranks: Int, syncBatchnorm: Bool, _ convolution: ConvolutionMethod = .direct) -> Trial {
            let configuration = TrainingConfiguration.small {
                $0.imageSize = 64
                $0.learningRate = 1e-4
                $0.syncBatchnorm = syncBatchnorm
                $0.convolution = convolution
            }
            return Trial(configuration, on: dataset, ranks: ranks) { _, record, _ in
                if record.step == 10 { throw Stopped() }
            }
        }

        /// Three ranks get slices of different sizes.
        ///
        /// Rounding grows about tenfold a step. Measured in steps 1 to 3: 5e-7; in step 10: 4e-3; without
        /// synchronization 1e-3 from the first step on, 2e-1 at last.
        @Test(arguments: ConvolutionMethod.allCases)
        func synchronizedBatchNormGivesTheLossesOfOneRankAndLocalOthers(
            _ convolution: ConvolutionMethod
        ) throws {
            let alone = tenSteps(ranks: 1, syncBatchnorm: true, convolution)
            #expect(alone.failure is Stopped)
            #expect(alone.losses.count == 10)
            for ranks in [2, 3] {
                let together = tenSteps(ranks: ranks, syncBatchnorm: true, convolution)
                #expect(together.failure is Stopped)
                for observer in together.observers {
                    #expect(observer.steps.map(\.loss) == together.losses, "rank \(observer.rank)")
                    #expect(observer.steps.map(\.images) == [Int](repeating: 8, count: 10))
                }
                #expect(greatestRelativeDifference(Array(together.losses[..<3]), Array(alone.losses[..<3])) <= 1e-5)
                #expect(greatestRelativeDifference(together.losses, alone.losses) <= 2e-2)
            }
            let local = tenSteps(ranks: 2, syncBatchnorm: false, convolution)
            #expect(local.failure is Stopped)
            #expect(local.observers[1].steps.map(\.loss) == local.losses)
            for (loss, other) in zip(local.losses, alone.losses) {
                #expect(abs(loss - other) > 1e-3 * other)
            }
        }

        /// Of images that are not there, each rank warns in the order in which it was to see them.
        @Test func ranksTogetherSeeTheBatchesOfOneRank() throws {
            let missing = dataset.replacing(
                train: dataset.train.enumerated().map { $1.at("/nowhere/\($0).jpg") })
            func imagesSeen(ranks: Int) -> [[Int]] {
                let trial = Trial(.small { $0.skipUnreadable = true }, on: missing, ranks: ranks) { _, record, _ in
                    #expect(record.images == 0)
                    #expect(record.loss == 0)
                    if record.step == 3 { throw Stopped() }
                }
                #expect(trial.failure is Stopped)
                return (0..<3).map { step in
                    trial.observers.flatMap(\.warnings).filter { $0.afterSteps == step }.compactMap { warning in
                        warning.message.firstMatch(of: /\/nowhere\/(\d+)\.jpg/).flatMap { Int($0.1) }
                    }
                }
            }
            let order = EpochOrder(count: missing.train.count, batchSize: 8, seed: 7).permutation(epoch: 0)
            let expected = (0..<3).map { Array(order[8 * $0..<8 * $0 + 8]) }
            for ranks in 1...3 { #expect(imagesSeen(ranks: ranks) == expected, "\(ranks) ranks") }
        }

        /// The gradient is the mean over the global batch, not the mean of the ranks' means.
        @Test(arguments: [1, 3]) func aStepOfUnevenSlicesIsTheStepOfTheWholeBatch(ranks: Int) throws {
            let configuration = TrainingConfiguration.small {
                $0.batchSize = 7
                $0.syncBatchnorm = true
            }
            let trial = Trial(configuration, on: dataset, ranks: ranks) { observer, _, model in
                observer.snapshots.append(ModelSnapshot(model))
                throw Stopped()
            }
            let order = EpochOrder(count: dataset.train.count, batchSize: 7, seed: 7).permutation(epoch: 0)
            let expected = try StepByHand(configuration, on: dataset, indices: Array(order.prefix(7)))
            #expect(abs(trial.losses[0] - expected.loss) <= 1e-6 * expected.loss)
            for observer in trial.observers {
                let error = expected.error(of: observer.snapshots[0].parameters)
                // Measured: 8e-7. A mean of means, or one rank's part alone, is off by a tenth and more.
                #expect(error <= 1e-4)
            }
        }
    }
}
