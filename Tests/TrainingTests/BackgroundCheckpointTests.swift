import Collectives
import Foundation
import Testing
import Training

extension TrainingRuns {
    /// Training while checkpoints are written.
    @Suite struct BackgroundCheckpointTests {
        private func configuration(_ folder: CheckpointFixture) -> TrainingConfiguration {
            .small(output: folder.directory) { $0.checkpointEvery = 2 }
        }

        @Test(arguments: [1, 2]) func trainingGoesOnWhileAWriteIsHeldUp(ranks: Int) throws {
            let disk = HeldDisk()
            let trial = Trial(
                configuration(CheckpointFixture()), on: try TrainingFixture.dataset(), ranks: ranks, disk: disk,
                afterStep: { observer, record, _ in
                    guard observer.rank == 0, record.step == 3 else { return }
                    // The checkpoint of step 2 is still not written, and will not be before this step is over.
                    disk.waitForBegin(ofStep: 2)
                    #expect(disk.steps == [])
                    disk.permit()
                })
            #expect(try trial.ends.get().map(\.summary.steps) == [Int](repeating: 3, count: ranks))
            #expect(disk.steps == [2, 3], "the end of a run waits for its last checkpoint")
            for observer in trial.observers { #expect(observer.readyAfterSteps == [0]) }
        }

        @Test func waitingForWritesIsToldOnceInTheLog() throws {
            let disk = HeldDisk(letsGoWhenAwaited: true)
            let configuration = TrainingConfiguration.small { $0.checkpointEvery = 1 }
            let trial = Trial(configuration, on: try TrainingFixture.dataset(), disk: disk)
            _ = try trial.ends.get()
            #expect(disk.awaited == [1, 2, 3])
            #expect(disk.steps == [1, 2, 3])
            #expect(disk.mostWritesAtOnce == 1)
            let warnings = trial.observers[0].warnings
            #expect(warnings.map(\.afterSteps) == [2])
            #expect(warnings[0].message.hasPrefix("training waited for the checkpoint of step 1: "))
        }

        @Test(arguments: [1, 2]) func aFailedWriteEndsTheRunOnAllRanksAtTheNextStep(ranks: Int) throws {
            let disk = HeldDisk(permits: 1, failingStep: 2)
            let output = CheckpointFixture().directory
            let trial = Trial(
                .small(output: output) { $0.checkpointEvery = 2 }, on: try TrainingFixture.longDataset(), ranks: ranks,
                disk: disk,
                afterStep: { observer, record, _ in
                    #expect(record.step <= 4)
                    if record.step == 3 { disk.waitForBegin(ofStep: 2) }
                })
            let failure = try #require(trial.failure as? RankFailure)
            #expect(failure.rank == 0)
            #expect(failure.what == "writing a checkpoint to \(output)")
            #expect(failure.message == "DiskFull(step: 2)")
            #expect(disk.begun == [2])
        }

        @Test func aWriteThatFailsAtTheEndFailsTheRun() throws {
            let disk = HeldDisk(permits: 2, failingStep: 3)
            let trial = Trial(configuration(CheckpointFixture()), on: try TrainingFixture.dataset(), disk: disk)
            #expect((trial.failure as? RankFailure)?.message == "DiskFull(step: 3)")
            #expect(disk.steps == [2])
        }

        /// A run that ends early still has the checkpoint it was writing.
        @Test func anInterruptedRunWaitsForItsWrite() throws {
            let folder = CheckpointFixture()
            let trial = Trial(configuration(folder), on: try TrainingFixture.longDataset()) { _, record, _ in
                if record.step == 3 { throw Stopped() }
            }
            #expect(trial.failure is Stopped)
            #expect(try folder.store().steps() == [2])
        }
    }
}
