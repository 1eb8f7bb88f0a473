import Collectives
import Datasets

extension Trainer {
    /// The ranks' statistics differ where batch norm is local.
    func averageRunningStatistics() throws {
        guard !configuration.syncBatchnorm else { return }
        try replica.averageRunningStatistics()
        try average?.inPlace { try replica.averageRunningStatistics() }
    }

    /// The step after a finite loss may still spoil the parameters, which must not replace sound ones on the disk.
    func requireFiniteParameters(epoch: Int) throws {
        let areFinite = model.arena.values.withUnsafeBufferPointer { $0.allSatisfy { $0.isFinite } }
        guard areFinite else {
            try finishWriting()
            throw TrainingError.parametersNotFinite(epoch: epoch, step: progress.step)
        }
    }

    /// Validates and saves after an epoch.
    func finish(epoch: Int) throws {
        try averageRunningStatistics()
        try replica.verifyEqual("after epoch \(epoch + 1)")
        try requireFiniteParameters(epoch: epoch)
        progress.epoch = epoch + 1
        progress.batchInEpoch = 0
        var isBest = false
        if isValidated(epoch: epoch) {
            let result = try validate(epoch: epoch)
            let averageResult = try average?.inPlace { try validate(epoch: epoch) }
            remaining.add(validationSeconds: result.seconds + (averageResult?.seconds ?? 0))
            isBest = progress.isBest(top1: (averageResult ?? result).top1)
            try observer.finished(
                ValidationRecord(
                    epoch: epoch, epochs: configuration.epochs, step: progress.step, result: result,
                    average: averageResult, isBest: isBest))
        }
        try saveCheckpoint(isBest: isBest)
    }

    private func validate(epoch: Int) throws -> EvaluationResult {
        try locatingFailures(at: "the validation after epoch \(epoch + 1)") {
            try validator.run(model, on: communicator) { try observer.warning($0.warning) }.result
        }
    }

    private var validator: Evaluator {
        Evaluator(
            samples: dataset.test, view: configuration.evaluationView, imageSize: configuration.imageSize,
            cropBoxes: configuration.cropBoxes,
            batchSize: validationBatch, loaderThreads: configuration.loaderThreads,
            skipUnreadable: configuration.skipUnreadable)
    }

    /// As many as in training, or fewer where all ranks together would have too few batches.
    private var validationBatch: Int {
        let ranks = communicator.size
        return max(1, min(configuration.batchSize / ranks, (dataset.test.count + ranks - 1) / ranks))
    }

    func isValidated(epoch: Int) -> Bool {
        (epoch + 1) % configuration.validateEvery == 0 || epoch + 1 == configuration.epochs
    }

    /// Training goes on while rank 0 writes. All ranks learn of a failure in one of the next two functions.
    func saveCheckpoint(isBest: Bool) throws {
        let delay = try agreeingOnWriting {
            try $0.write(progress.state(configuration, worldSize: communicator.size), isBest: isBest)
        }
        if let delay = delay ?? nil, !hasWarnedOfDelay {
            hasWarnedOfDelay = true
            try observer.warning(delay.description)
        }
    }

    /// Waits for the checkpoint that is being written.
    func finishWriting() throws {
        try agreeingOnWriting { try $0.finish() }
    }

    @discardableResult
    private func agreeingOnWriting<Result>(_ body: (CheckpointWriter) throws -> Result) throws -> Result? {
        try communicator.agreeing("writing a checkpoint to \(configuration.output)") { try writer.map(body) }
    }
}
