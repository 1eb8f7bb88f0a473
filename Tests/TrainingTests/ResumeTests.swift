import Datasets
import Foundation
import Testing
import Training

extension TrainingRuns {
    @Suite struct ResumeTests {
        struct Setting: CustomTestStringConvertible {
            let ranks: Int
            let syncBatchnorm: Bool

            var testDescription: String { "\(ranks) ranks, batch norm \(syncBatchnorm ? "synchronized" : "local")" }
        }

        /// Three epochs of two steps. The checkpoint of step 3 is one within an epoch.
        private func configuration(_ setting: Setting, _ folder: CheckpointFixture) -> TrainingConfiguration {
            .small(output: folder.directory) {
                $0.epochs = 3
                $0.batchSize = 12
                $0.checkpointEvery = 3
                $0.syncBatchnorm = setting.syncBatchnorm
            }
        }

        // One rank has nothing to synchronize.
        @Test(
            arguments: [
                Setting(ranks: 1, syncBatchnorm: false), Setting(ranks: 2, syncBatchnorm: false),
                Setting(ranks: 2, syncBatchnorm: true),
            ])
        func resumedRunReproducesLosses(setting: Setting) throws {
            let dataset = try TrainingFixture.dataset()
            let (whole, parts) = (CheckpointFixture(), CheckpointFixture())
            let unbroken = Trial(configuration(setting, whole), on: dataset, ranks: setting.ranks)
            let ends = try unbroken.ends.get()
            #expect(unbroken.losses.count == 6)
            #expect(try whole.store().steps().suffix(3) == [3, 4, 6])

            let stopped = Trial(configuration(setting, parts), on: dataset, ranks: setting.ranks) { _, record, _ in
                if record.step == 4 { throw Stopped() }
            }
            #expect(stopped.failure is Stopped)
            #expect(stopped.losses == Array(unbroken.losses.prefix(4)))
            #expect(try parts.store().steps() == [2, 3])
            let middle = try Checkpoint.load(parts.store().path(ofStep: 3)).state
            #expect((middle.epoch, middle.batchInEpoch, middle.worldSize) == (1, 1, setting.ranks))

            let resumed = Trial(configuration(setting, parts), on: dataset, ranks: setting.ranks, resume: .auto)
            #expect(try resumed.ends.get().map(\.model) == ends.map(\.model))
            for observer in resumed.observers {
                #expect(observer.starts == [3])
                #expect(observer.notes == ["resumed from \(parts.store().path(ofStep: 3)): epoch 2, step 3 of 6"])
                #expect(observer.steps.map(\.loss) == Array(unbroken.losses.suffix(3)))
                #expect(observer.steps.map(\.step) == Array(4...6))
                #expect(observer.steps.map(\.learningRate) == unbroken.observers[0].steps.suffix(3).map(\.learningRate))
                #expect(observer.validations.map(\.isBest) == unbroken.observers[0].validations.suffix(2).map(\.isBest))
                #expect(
                    observer.validations.map(\.result.lossSum)
                        == unbroken.observers[0].validations.suffix(2).map(\.result.lossSum))
            }
            try expectSameCheckpoint(parts, whole, step: 6)
        }

        private func expectSameCheckpoint(_ a: CheckpointFixture, _ b: CheckpointFixture, step: Int) throws {
            let (first, second) = (
                try Checkpoint.load(a.store().path(ofStep: step)), try Checkpoint.load(b.store().path(ofStep: step))
            )
            #expect(first.model.tensors == second.model.tensors)
            #expect(first.model.metadata == second.model.metadata)
            #expect(first.optimizer.tensors == second.optimizer.tensors)
            var (state, other) = (first.state, second.state)
            #expect(state.configuration["output"] == a.directory)
            state.configuration["output"] = nil
            other.configuration["output"] = nil
            #expect(state == other)
        }

        @Test func anotherNumberOfRanksGoesOnWithTheSameLosses() throws {
            let dataset = try TrainingFixture.longDataset()
            let folder = CheckpointFixture()
            let configuration = TrainingConfiguration.small(output: folder.directory) {
                $0.checkpointEvery = 3
                $0.imageSize = 64
                $0.learningRate = 1e-4
                $0.syncBatchnorm = true
            }
            let unbroken = Trial(configuration, on: dataset, ranks: 2) { _, record, _ in
                if record.step == 8 { throw Stopped() }
            }
            for ranks in [1, 3] {
                var other = configuration
                other.checkpointEvery = 0
                let resumed = Trial(
                    other, on: dataset, ranks: ranks, resume: .path(folder.store().path(ofStep: 3))
                ) { _, record, _ in
                    if record.step == 8 { throw Stopped() }
                }
                #expect(resumed.losses.count == 5)
                let difference = greatestRelativeDifference(resumed.losses, Array(unbroken.losses.suffix(5)))
                // Rounding grows about tenfold a step; measured: 4e-7 to 1e-4.
                #expect(difference <= 1e-3)
            }
            #expect(try folder.store().steps() == [3, 6])
        }

        /// Steps are numbered on, and the schedule stands where the epoch does.
        @Test func anEpochAfterTheCheckpointMayHaveAnotherBatchSize() throws {
            let configuration = TrainingConfiguration.small {
                $0.epochs = 2
                $0.batchSize = 24
            }
            let end = try TrainingFixture.checkpointed().path(ofStep: 3)
            let resumed = Trial(configuration, on: try TrainingFixture.dataset(), resume: .path(end))
            #expect(try resumed.ends.get()[0].summary.steps == 4)
            let record = try #require(resumed.observers[0].steps.first)
            #expect((record.step, record.totalSteps, record.stepInEpoch, record.stepsPerEpoch) == (4, 4, 1, 1))
            let schedule = LearningRateSchedule(base: 0.01, shape: .poly(end: 1e-5, power: 0.9), totalSteps: 2)
            #expect(record.learningRate == schedule.learningRate(at: 1))
        }

        @Test func remainingTimeEndsWithTheLastValidation() throws {
            let trial = Trial(
                .small { $0.epochs = 2 }, on: try TrainingFixture.dataset())
            let observer = trial.observers[0]
            let remaining = observer.steps.map(\.remainingSeconds)
            // The first step makes kernels and says nothing of the others.
            #expect(remaining[0] == nil)
            let known = try remaining.dropFirst().map { try #require($0) }
            #expect(known.allSatisfy { $0.isFinite && $0 >= 0 })
            #expect(try #require(known.first) > (try #require(known.last)))
            #expect(known.last == observer.validations[0].result.seconds)
        }
    }
}
