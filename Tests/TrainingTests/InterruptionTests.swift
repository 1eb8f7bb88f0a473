import Collectives
import Datasets
import Foundation
import Synchronization
import Testing
import Training

extension TrainingRuns {
    /// Runs that are told to stop, and go on later.
    @Suite struct Interruptions {
        private func configuration(
            _ folder: CheckpointFixture, sync: Bool = false, _ change: (inout TrainingConfiguration) -> Void = { _ in }
        ) -> TrainingConfiguration {
            .small(output: folder.directory) {
                $0.epochs = 3
                $0.batchSize = 6
                $0.ema = 0.9
                $0.syncBatchnorm = sync
                change(&$0)
            }
        }

        /// Stops after a step, of 12, in the middle of an epoch or at its end; rank 0 alone is told.
        @Test(arguments: [1, 2], [2, 7, 8]) func stoppedRunEndsTheSame(ranks: Int, step: Int) throws {
            let dataset = try TrainingFixture.dataset()
            let (whole, parts) = (CheckpointFixture(), CheckpointFixture())
            let unbroken = Trial(configuration(whole), on: dataset, ranks: ranks)
            let ends = try unbroken.ends.get()

            let stop = Stop()
            let stopped = Trial(configuration(parts), on: dataset, ranks: ranks, stop: stop) { _, record, _ in
                if record.step == step - 1 { stop.request(.user) }
            }
            let interruption = try #require(stopped.failure as? JobInterruption)
            #expect(interruption.exitCode == 138)
            #expect(stopped.losses.count == step)
            #expect(try parts.store().latestStep() == step)
            #expect(
                stopped.observers[0].notes.last
                    == "stopped by SIGUSR1 after step \(step): \(parts.store().path(ofStep: step)); the same command with "
                    + "--resume auto goes on from there")

            let resumed = Trial(configuration(parts), on: dataset, ranks: ranks, resume: .auto)
            #expect(try resumed.ends.get().map(\.model) == ends.map(\.model))
            #expect(stopped.losses + resumed.losses == unbroken.losses)
            let validations = (stopped.observers[0].validations + resumed.observers[0].validations)
            #expect(validations.map(\.result.lossSum) == unbroken.observers[0].validations.map(\.result.lossSum))
            #expect(validations.map(\.average?.lossSum) == unbroken.observers[0].validations.map(\.average?.lossSum))
            #expect(validations.map(\.isBest) == unbroken.observers[0].validations.map(\.isBest))
            try parts.expectSameTensors(as: whole, step: 12)
        }

        /// The last step of the second epoch is the eighth, and its validation is what is interrupted.
        @Test func interruptedValidationIsDoneAgain() throws {
            let dataset = try TrainingFixture.dataset()
            let (whole, parts) = (CheckpointFixture(), CheckpointFixture())
            let unbroken = Trial(configuration(whole), on: dataset, ranks: 2)
            let stop = Stop()
            // After the step has asked, and before the validation does.
            let stopped = Trial(configuration(parts), on: dataset, ranks: 2, stop: stop) { _, record, _ in
                if record.step == 8 { stop.request(.terminate) }
            }
            #expect((stopped.failure as? JobInterruption)?.signal == .terminate)
            #expect(stopped.losses.count == 8 && stopped.observers[0].validations.count == 1)
            let state = try Checkpoint.load(parts.store().path(ofStep: 8)).state
            #expect((state.epoch, state.batchInEpoch) == (1, 4))

            let resumed = Trial(configuration(parts), on: dataset, ranks: 2, resume: .auto)
            #expect(try resumed.ends.get().map(\.model) == (try unbroken.ends.get().map(\.model)))
            #expect(resumed.observers[0].validations.map(\.epoch) == [1, 2])
            #expect(resumed.observers[0].validatesAgain == [true])
            try parts.expectSameTensors(as: whole, step: 12)
        }

        /// Where batch norm is local, the ranks' statistics differ within an epoch.
        @Test func checkpointsChangeNothingOfTheRun() throws {
            let dataset = try TrainingFixture.dataset()
            let (often, seldom) = (CheckpointFixture(), CheckpointFixture())
            let ends = try [(often, 1), (seldom, 0)].map { folder, every in
                try Trial(configuration(folder) { $0.checkpointEvery = every }, on: dataset, ranks: 2).ends.get()
            }
            #expect(ends[0].map(\.model) == ends[1].map(\.model))
            try often.expectSameTensors(as: seldom, step: 12)
        }
    }
}

/// A request to stop, as a signal makes it.
final class Stop: Sendable {
    private let requested = Mutex<StopSignal?>(nil)

    func request(_ signal: StopSignal) { requested.withLock { $0 = signal } }

    /// Rank 0 alone is told.
    func signal(ofRank rank: Int) -> StopSignal? { rank == 0 ? requested.withLock { $0 } : nil }
}

extension CheckpointFixture {
    func expectSameTensors(as other: CheckpointFixture, step: Int) throws {
        let (a, b) = (
            try Checkpoint.load(store().path(ofStep: step)), try Checkpoint.load(other.store().path(ofStep: step))
        )
        #expect(a.model.tensors == b.model.tensors)
        #expect(a.optimizer.tensors == b.optimizer.tensors)
        #expect(a.average?.tensors == b.average?.tensors)
    }
}
