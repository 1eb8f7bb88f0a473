import Datasets
import Foundation
import Safetensors
import Testing
import Training

extension TrainingRuns {
    /// When checkpoints are written, and what happens where they cannot be.
    @Suite struct CheckpointSchedule {
        private func configuration(
            _ folder: CheckpointFixture, _ change: (inout TrainingConfiguration) -> Void
        ) -> TrainingConfiguration {
            .small(output: folder.directory) {
                $0.epochs = 4
                $0.batchSize = 12
                $0.keepCheckpoints = 100
                change(&$0)
            }
        }

        /// Four epochs of two steps.
        @Test func minutesEpochsAndStepsEachHaveTheirs() throws {
            let dataset = try TrainingFixture.dataset()
            func steps(_ change: (inout TrainingConfiguration) -> Void) throws -> (saved: [Int], best: Int?) {
                let folder = CheckpointFixture()
                _ = try Trial(configuration(folder, change), on: dataset, ranks: 2).ends.get()
                return (try folder.store().steps(), try folder.store().bestStep())
            }
            #expect(try steps { $0.checkpointMinutes = 1e-9 }.saved == Array(1...8))
            #expect(try steps { $0.checkpointMinutes = 100 }.saved == [2, 4, 6, 8])
            #expect(try steps { $0.checkpointEvery = 3 }.saved == [2, 3, 4, 6, 8])
            let (saved, best) = try steps { $0.checkpointEpochs = 3 }
            #expect(Set(saved).isSuperset(of: [6, 8]))
            #expect(try saved.contains(#require(best)))
            let last = try steps {
                $0.checkpointEpochs = 100
                $0.validateEvery = 100
            }
            #expect(last.saved == [8])
        }

        private func fullDisk(ofStep step: Int) -> HeldDisk {
            HeldDisk(
                permits: .max / 2, failingStep: step,
                failure: FileError(operation: "write", path: "run/model.safetensors", code: ENOSPC))
        }

        @Test(arguments: [1, 2]) func runGoesOnWithoutACheckpointThatHasNoRoom(ranks: Int) throws {
            let disk = fullDisk(ofStep: 3)
            let folder = CheckpointFixture()
            let trial = Trial(
                configuration(folder) { $0.checkpointEvery = 3 }, on: try TrainingFixture.dataset(), ranks: ranks,
                disk: disk)
            #expect(try trial.ends.get()[0].summary.steps == 8)
            #expect(disk.steps == [2, 4, 6, 8])
            let warnings = trial.observers[0].warnings.filter { $0.message.contains("No space left on device") }
            #expect(
                warnings.map(\.message) == [
                    "cannot write run/model.safetensors: No space left on device (errno 28); free some space there or "
                        + "choose another folder. Training goes on without this checkpoint, and writes the next one when "
                        + "it is due"
                ])
        }

        @Test func runWhoseLastCheckpointHasNoRoomFails() throws {
            let disk = fullDisk(ofStep: 8)
            let trial = Trial(
                configuration(CheckpointFixture()) { _ in }, on: try TrainingFixture.dataset(), disk: disk)
            let message = try #require(trial.failure.map { "\($0)" })
            #expect(message.contains("No space left on device"))
            #expect(disk.steps == [2, 4, 6])
        }

        /// An order within an epoch picks from a list of images by their places in it.
        @Test func otherImagesDoNotContinueWithinAnEpoch() throws {
            let dataset = try TrainingFixture.dataset()
            let other = dataset.replacing(train: dataset.train.reversed())
            let middle = try TrainingFixture.checkpointed().path(ofStep: 2)
            let refused = Trial(.small { $0.epochs = 2 }, on: other, resume: .path(middle))
            #expect(
                message { try refused.ends.get() }.contains(
                    "\(middle) stands within an epoch of other training images than those of CUB-200-2011 in birds"))
            let end = try TrainingFixture.checkpointed().path(ofStep: 3)
            let resumed = Trial(.small { $0.epochs = 2 }, on: other, resume: .path(end))
            _ = try resumed.ends.get()
            #expect(
                resumed.observers[0].warnings.first?.message
                    == "the training images are not those that this run's checkpoint was trained on")
            let same = Trial(.small { $0.epochs = 2 }, on: dataset, resume: .path(middle))
            _ = try same.ends.get()
            #expect(!same.observers[0].warnings.contains { $0.message.contains("training images") })
        }
    }
}
