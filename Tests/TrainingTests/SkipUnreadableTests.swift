import Collectives
import Datasets
import Foundation
import Testing
import Training

extension TrainingRuns {
    @Suite struct SkipUnreadableTests {
        let dataset: ImageDataset
        let path: String

        init() throws {
            dataset = try TrainingFixture.longDataset()
            path = try TrainingFixture.truncatedImage()
        }

        /// Three steps; the second batch has an unreadable image, on the last rank.
        private func trial(ranks: Int, batchSize: Int, sync: Bool, skip: Bool) -> Trial {
            let order = EpochOrder(count: dataset.train.count, batchSize: batchSize, seed: 7).permutation(epoch: 0)
            let index = order[2 * batchSize - 1]
            var train = dataset.train
            train[index] = train[index].at(path)
            let configuration = TrainingConfiguration.small {
                $0.batchSize = batchSize
                $0.syncBatchnorm = sync
                $0.skipUnreadable = skip
            }
            return Trial(configuration, on: dataset.replacing(train: train), ranks: ranks) { observer, record, model in
                guard record.step == 3 else { return }
                observer.snapshots = [ModelSnapshot(model)]
                throw Stopped()
            }
        }

        /// Batches of two leave a rank without any image of the step.
        @Test(.timeLimit(.minutes(1)), arguments: [8, 2], [false, true])
        func anUnreadableImageIsLeftOutOnAllRanks(batchSize: Int, syncBatchnorm: Bool) throws {
            let trial = trial(ranks: 2, batchSize: batchSize, sync: syncBatchnorm, skip: true)
            #expect(trial.failure is Stopped)
            for observer in trial.observers {
                #expect(observer.steps.map(\.loss) == trial.losses)
                #expect(observer.steps.map(\.images) == [batchSize, batchSize - 1, batchSize])
                #expect(observer.snapshots[0].parameters == trial.observers[0].snapshots[0].parameters)
                let norms = observer.snapshots[0].norms
                #expect(norms.allSatisfy { ($0.mean + $0.variance).allSatisfy { $0.isFinite } })
            }
            #expect(trial.losses.allSatisfy { $0.isFinite })
            #expect(trial.observers[0].snapshots[0].parameters.allSatisfy { $0.isFinite })
            #expect(trial.observers[0].warnings == [])
            #expect(trial.observers[1].warnings.map(\.afterSteps) == [1])
            let message = try #require(trial.observers[1].warnings.first?.message)
            #expect(message.hasPrefix("skipped \(path): the JPEG is truncated ("), "\(message)")
        }

        @Test(arguments: [1, 3]) func theStepIsThatOfTheImagesThatCouldBeRead(ranks: Int) throws {
            let order = EpochOrder(count: dataset.train.count, batchSize: 8, seed: 7).permutation(epoch: 0)
            let (unreadable, batch) = (order[3], order.prefix(8))
            var train = dataset.train
            train[unreadable] = train[unreadable].at(path)
            let dataset = dataset.replacing(train: train)
            let configuration = TrainingConfiguration.small {
                $0.syncBatchnorm = true
                $0.skipUnreadable = true
            }
            let trial = Trial(configuration, on: dataset, ranks: ranks) { observer, _, model in
                observer.snapshots = [ModelSnapshot(model)]
                throw Stopped()
            }
            let expected = try StepByHand(configuration, on: dataset, indices: batch.filter { $0 != unreadable })
            #expect(abs(trial.losses[0] - expected.loss) <= 1e-6 * expected.loss)
            let error = expected.error(of: trial.observers[0].snapshots[0].parameters)
            // Measured: 8e-7. Division by all 8 images is off by an eighth.
            #expect(error <= 1e-4)
        }

        @Test func theSummaryCountsWhatWasLeftOut() throws {
            let dataset = try TrainingFixture.dataset()
            var train = dataset.train
            train[4] = train[4].at(path)
            let configuration = TrainingConfiguration.small { $0.skipUnreadable = true }
            let trial = Trial(
                configuration, on: dataset.replacing(train: train, test: dataset.test + [dataset.test[0].at(path)]),
                ranks: 2)
            let ends = try trial.ends.get()
            #expect(ends.map(\.summary.skippedImages) == [1, 1])
            #expect(trial.observers.map { $0.validations.map(\.result.skipped) } == [[1], [1]])
            #expect(trial.observers.map { $0.validations.map(\.result.count) } == [[9], [9]])
            #expect(trial.observers.flatMap(\.warnings).count == 2)
            #expect(ends[0].model == ends[1].model)
        }

        @Test(.timeLimit(.minutes(1)), arguments: [8, 2])
        func withoutSkippingTheRunEndsWithPathAndPlace(batchSize: Int) throws {
            let trial = trial(ranks: 2, batchSize: batchSize, sync: true, skip: false)
            let failure = try #require(trial.failure as? JobFailure)
            #expect(failure.description.hasPrefix("\(path): the JPEG is truncated ("))
            #expect(failure.place == "epoch 1, step 2")
            #expect(trial.observers.flatMap(\.warnings) == [])
        }

        @Test(.timeLimit(.minutes(1)), arguments: [false, true])
        func fewerImagesThanRanksTrain(syncBatchnorm: Bool) throws {
            let dataset = try TrainingFixture.dataset()
            let configuration = TrainingConfiguration.small { $0.syncBatchnorm = syncBatchnorm }
            let trial = Trial(
                configuration, on: dataset.replacing(train: Array(dataset.train.prefix(2))), ranks: 3
            ) { observer, record, model in
                #expect(record.images == 2)
                observer.snapshots = [ModelSnapshot(model)]
                throw Stopped()
            }
            #expect(trial.failure is Stopped)
            #expect(trial.losses.allSatisfy { $0.isFinite })
            for observer in trial.observers {
                #expect(observer.snapshots[0].parameters == trial.observers[0].snapshots[0].parameters)
                #expect(observer.snapshots[0].parameters.allSatisfy { $0.isFinite })
            }
        }
    }
}
