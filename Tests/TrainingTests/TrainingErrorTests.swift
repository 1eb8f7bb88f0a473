import Collectives
import Datasets
import Foundation
import Testing
import Training

@Suite struct TrainingErrorWordingTests {
    @Test(
        arguments: [
            (
                .batchSmallerThanRanks(batchSize: 2, ranks: 3),
                "the global batch of 2 images is smaller than the number of ranks, 3",
                "give --batch-size 3 or more, or start fewer ranks"
            ),
            (
                .noTrainingImages(dataset: "CUB-200-2011", data: "/data"),
                "CUB-200-2011 in /data has no training images",
                "check that --data names the right folder and that its annotation files list images of this split"
            ),
            (
                .noImages(split: "test", dataset: "CUB-200-2011", data: "/data"),
                "CUB-200-2011 in /data has no images in its test split",
                "check that --data names the right folder and that its annotation files list images of this split"
            ),
            (
                .otherClassCount(path: "/run", checkpoint: 200, dataset: 20, name: "CUB-200-2011"),
                "/run is of a model of 200 classes, but CUB-200-2011 has 20",
                "evaluate on the data set the model was trained for"
            ),
            (
                .notAModel(path: "/run", key: "classes"),
                "/run does not say which model it is of: its metadata has no usable \"classes\"",
                "name a checkpoint's folder that aam wrote"
            ),
        ] as [(TrainingError, String, String)])
    func saysWhatIsWrongAndWhatToDo(error: TrainingError, description: String, hint: String) {
        #expect(error.description == description)
        #expect(error.hint == hint)
    }
}

extension TrainingRuns {
    @Suite struct TrainingErrorTests {
        @Test func everyRankNeedsAnImage() throws {
            let trial = Trial(.small { $0.batchSize = 2 }, on: try TrainingFixture.dataset(), ranks: 3)
            #expect(trial.failure as? TrainingError == .batchSmallerThanRanks(batchSize: 2, ranks: 3))
        }

        @Test func bothSplitsNeedImages() throws {
            let dataset = try TrainingFixture.dataset()
            let untrainable = Trial(.small(), on: dataset.replacing(train: []), ranks: 2)
            #expect(untrainable.failure as? TrainingError == .noTrainingImages(dataset: dataset.name, data: "birds"))
            let untestable = Trial(.small(), on: dataset.replacing(test: []), ranks: 2)
            #expect(
                untestable.failure as? TrainingError
                    == .noImages(split: "test", dataset: dataset.name, data: "birds"))
        }

        /// What resuming from a step's checkpoint fails with, on all ranks alike.
        private func resuming(
            step: Int, ranks: Int = 1, _ change: (inout TrainingConfiguration) -> Void
        ) throws -> (failure: RankFailure, path: String) {
            let path = try TrainingFixture.checkpointed().path(ofStep: step)
            let trial = Trial(
                .small(change), on: try TrainingFixture.dataset(), ranks: ranks,
                resume: .path(path))
            let failure = try #require(trial.failure as? RankFailure)
            #expect(failure.what == "reading the checkpoint \(path)")
            #expect(trial.observers.allSatisfy { $0.starts.isEmpty && $0.steps.isEmpty })
            return (failure, path)
        }

        @Test func aCheckpointOfAnotherModelIsRefused() throws {
            let (failure, path) = try resuming(step: 3, ranks: 2) {
                $0.epochs = 2
                $0.attention = .none
            }
            #expect(failure.message == "\(path) is of another model: its --attention is aam, not none")
            #expect(
                failure.hint == "give --attention aam, or --resume never and another --output to train anew")
        }

        @Test func anEpochCannotGoOnWithAnotherBatchSize() throws {
            let (failure, path) = try resuming(step: 2) { $0.batchSize = 6 }
            #expect(failure.message == "\(path) stands within an epoch of a run with --batch-size 8, not 6")
            #expect(failure.hint == "give --batch-size 8, or resume from a checkpoint at the end of an epoch")
        }

        @Test func anEpochCannotGoOnWithAnotherSeed() throws {
            let (failure, path) = try resuming(step: 2) { $0.seed = .max }
            #expect(
                failure.message == "\(path) stands within an epoch of a run with --seed 7, not 18446744073709551615")
            #expect(failure.hint == "give --seed 7, or resume from a checkpoint at the end of an epoch")
        }

        @Test func anEpochCannotGoOnWithFewerImages() throws {
            let dataset = try TrainingFixture.dataset()
            let fewer = dataset.replacing(train: Array(dataset.train.prefix(8)))
            let hint =
                "give the --data that the run was started with, or resume from a checkpoint at the end of an epoch"
            let path = try TrainingFixture.checkpointed().path(ofStep: 2)
            let failure = try #require(
                Trial(.small(), on: fewer, resume: .path(path)).failure as? RankFailure)
            #expect(
                failure.message
                    == "\(path) stands within an epoch of other training images than those of \(dataset.name) in birds: "
                    + "their number, names, labels, boxes or order differ")
            #expect(failure.hint == hint)

            // An older checkpoint does not know its images, but how many batches there were.
            let folder = CheckpointFixture()
            var checkpoint = try Checkpoint.load(path)
            checkpoint.state.trainingImages = nil
            let older = try folder.store().save(checkpoint)
            let olderFailure = try #require(
                Trial(.small(), on: fewer, resume: .path(older)).failure as? RankFailure)
            #expect(
                olderFailure.message
                    == "\(older) stands after batch 2 of an epoch, but an epoch of \(dataset.name) in birds has 1")
            #expect(olderFailure.hint == hint)
        }

        @Test func aFinishedRunIsNotStartedAgain() throws {
            let (failure, path) = try resuming(step: 3) { _ in }
            #expect(failure.message == "\(path) is the end of a run of 1 epochs: there is nothing left to train")
            #expect(failure.hint == "give --epochs above 1 to train longer, or another --output for a new run")
        }

        @Test func aLossThatIsNoNumberEndsTheRun() throws {
            let trial = Trial(
                .small { $0.learningRate = 1e30 }, on: try TrainingFixture.longDataset(),
                ranks: 2)
            let last = try #require(trial.observers[0].steps.last)
            #expect(!last.loss.isFinite)
            #expect(trial.losses.dropLast().allSatisfy { $0.isFinite })
            let error = try #require(trial.failure as? TrainingError)
            #expect(
                error.description
                    == "the loss is \(last.loss.isNaN ? "nan" : "inf") at step \(last.step), in epoch 1, with learning rate "
                    + "\(last.learningRate)")
            #expect(
                error.hint
                    == "lower --learning-rate; the last checkpoint is unharmed (--resume auto continues from it)")
        }

        /// The step after a sound loss may spoil the parameters.
        @Test func parametersThatAreNoNumbersAreNotSaved() throws {
            let folder = CheckpointFixture()
            let configuration = TrainingConfiguration.small(output: folder.directory) {
                $0.learningRate = 1e42
                $0.checkpointEvery = 1
            }
            let trial = Trial(configuration, on: try TrainingFixture.longDataset())
            #expect(trial.losses.first?.isFinite == true)
            let error = try #require(trial.failure as? TrainingError)
            #expect(error == .parametersNotFinite(epoch: 0, step: 1))
            #expect(error.description == "parameters are infinite or not numbers after step 1, in epoch 1")
            #expect(
                error.hint
                    == "lower --learning-rate; the last checkpoint is unharmed (--resume auto continues from it)")
            #expect(try folder.store().steps() == [])
        }
    }
}
