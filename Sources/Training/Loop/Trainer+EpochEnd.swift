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
            try finishWriting(isLast: false)
            throw TrainingError.parametersNotFinite(epoch: epoch, step: progress.step)
        }
    }

    /// Validates and saves after an epoch.
    /// - Parameter isDue: whether a checkpoint is due whatever the epoch.
    func finish(epoch: Int, isDue: Bool) throws {
        try averageRunningStatistics()
        try replica.verifyEqual("after epoch \(epoch + 1)")
        try requireFiniteParameters(epoch: epoch)
        let results: (own: EvaluationResult, average: EvaluationResult?)?
        do {
            results = try isValidated(epoch: epoch) ? validateAll(epoch: epoch) : nil
        } catch let interruption as JobInterruption {
            // The checkpoint stands after the epoch's last step: the validation is done when the run goes on.
            try interrupt(by: interruption.signal, epoch: epoch)
        }
        progress.epoch = epoch + 1
        progress.batchInEpoch = 0
        var isBest = false
        if let (result, averageResult) = results {
            remaining.add(validationSeconds: result.seconds + (averageResult?.seconds ?? 0))
            isBest = progress.isBest(top1: (averageResult ?? result).top1)
            try observer.finished(
                ValidationRecord(
                    epoch: epoch, epochs: configuration.epochs, step: progress.step, result: result,
                    average: averageResult, isBest: isBest))
            try showAttention()
        }
        if isDue || isSaved(afterEpoch: epoch, isBest: isBest) { try saveCheckpoint(isBest: isBest) }
    }

    /// On this rank alone, if its observer wants it.
    private func showAttention() throws {
        guard observer.attentionImages > 0, configuration.attention != .none else { return }
        try recorder.span("attention maps", "report") {
            let probe =
                try attentionProbe
                ?? AttentionProbe(
                    dataset.test, count: observer.attentionImages, imageSize: configuration.imageSize,
                    cropBoxes: configuration.cropBoxes, skippingUnreadable: configuration.skipUnreadable)
            attentionProbe = probe
            if let view = try probe.look(into: model, step: progress.step) { try observer.looked(at: view) }
        }
    }

    private func validateAll(epoch: Int) throws -> (own: EvaluationResult, average: EvaluationResult?) {
        (try validate(epoch: epoch), try average?.inPlace { try validate(epoch: epoch) })
    }

    private func validate(epoch: Int) throws -> EvaluationResult {
        try locatingFailures(at: "the validation after epoch \(epoch + 1)") {
            let phase = PhaseProgress.Phase.validation(epoch: epoch, epochs: configuration.epochs)
            return try validator.run(
                model, on: communicator, skipped: { try observer.warning($0.warning) },
                progress: { [total = dataset.test.count] done, seconds in
                    observer.came(to: PhaseProgress(phase, done: done, of: total, seconds: seconds))
                }, stop: stop
            ).result
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
}
