import Collectives
import Foundation
import Models
import Safetensors

extension Trainer {
    /// What this rank has to tell the others after a step.
    var signals: StepSignals {
        var signals: StepSignals = []
        if let stop = stop() { signals.insert(StepSignals(stop)) }
        // Rank 0's clock is everyone's.
        guard let writer else { return signals }
        if writer.hasFailed { signals.insert(.writeFailed) }
        let minutes = (ContinuousClock.now - lastSave) / .seconds(60)
        if configuration.checkpointMinutes > 0, minutes >= configuration.checkpointMinutes {
            signals.insert(.checkpointDue)
        }
        return signals
    }

    func isCheckpointDue(_ signals: StepSignals) -> Bool {
        signals.contains(.checkpointDue)
            || configuration.checkpointEvery > 0 && progress.step % configuration.checkpointEvery == 0
    }

    /// Whether the end of an epoch gets a checkpoint: one that is the best does, and so does the run's end.
    func isSaved(afterEpoch epoch: Int, isBest: Bool) -> Bool {
        (epoch + 1) % configuration.checkpointEpochs == 0 || epoch + 1 == configuration.epochs || isBest || hasStalled
    }

    /// Saves within an epoch, which changes nothing of the run: it ends the same, bit for bit, with or without.
    func saveWithinEpoch(_ epoch: Int) throws {
        try requireFiniteParameters(epoch: epoch)
        guard communicator.size > 1, !configuration.syncBatchnorm else { return try saveCheckpoint(isBest: false) }
        // The checkpoint's model has the mean of the ranks' statistics, each of which goes on with its own.
        let own = statistics
        let all = try communicator.gather(own.flatMap(\.values), to: 0)
        try averageRunningStatistics()
        try saveCheckpoint(isBest: false, statistics: all)
        statistics = own
    }

    /// The running statistics of the model and of the weights' average, on this rank.
    var statistics: [RunningStatistics] {
        get { model.norms.map(RunningStatistics.init) + (average?.statistics ?? []) }
        set {
            for (norm, statistics) in zip(model.norms, newValue) { statistics.set(norm) }
            average?.statistics = Array(newValue.dropFirst(model.norms.count))
        }
    }

    /// Saves where the run stands, and ends it.
    func interrupt(by signal: StopSignal, epoch: Int) throws -> Never {
        // That this one waits for another's write says nothing of how often the run saves.
        hasWarnedOfDelay = true
        if savedStep != progress.step { try saveWithinEpoch(epoch) }
        try finishWriting()
        try finishTrace()
        try observer.note(
            "stopped by \(signal) after step \(progress.step): \(store.path(ofStep: progress.step)); "
                + "the same command with --resume auto goes on from there")
        throw JobInterruption(signal, host: communicator.host)
    }

    /// Training goes on while rank 0 writes. All ranks learn of a failure in one of the next two functions.
    ///
    /// - Parameter statistics: each rank's own, where they differ.
    func saveCheckpoint(isBest: Bool, statistics: [[Float]] = []) throws {
        (lastSave, savedStep) = (.now, progress.step)
        let state = progress.state(configuration, worldSize: communicator.size, trainingImages: fingerprint)
        let delay = try agreeingOnWriting { writer in
            do {
                return try writer.write(state, isBest: isBest, statistics: statistics)
            } catch let error as FileError where error.isFullDisk {
                try warn(of: error)
                return try writer.write(state, isBest: isBest, statistics: statistics)
            }
        }
        if let delay = delay ?? nil, !hasWarnedOfDelay {
            hasWarnedOfDelay = true
            try observer.warning(delay.description)
        }
    }

    /// Waits for the checkpoint that is being written.
    /// - Parameter isLast: whether it is the run's last, which must succeed. Without room for another one the run goes on.
    func finishWriting(isLast: Bool = true) throws {
        try agreeingOnWriting { writer in
            do {
                try writer.finish()
            } catch let error as FileError where error.isFullDisk && !isLast {
                try warn(of: error)
            }
        }
    }

    private func warn(of error: FileError) throws {
        try observer.warning(
            "\(error). Training goes on without this checkpoint, and writes the next one when it is due")
    }

    @discardableResult
    private func agreeingOnWriting<Result>(_ body: (CheckpointWriter) throws -> Result) throws -> Result? {
        try communicator.agreeing("writing a checkpoint to \(configuration.output)") {
            try recorder.span("wait for the checkpoint", "checkpoint") { try writer.map(body) }
        }
    }
}
