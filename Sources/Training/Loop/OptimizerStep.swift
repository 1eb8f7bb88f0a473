import Collectives
import Datasets
import Kernels
import Models
import Tracing

/// One optimizer step after the other: on this rank's slice of the next global batch, or of the next few, whose
/// gradients are added.
struct OptimizerStep {
    /// Sums over all ranks.
    struct Sums {
        /// Mean over the images.
        let loss: Double
        /// Mean over the images.
        let crossEntropy: Double
        let images: Int
        let dataWait: Double
        /// In the mean of the ranks.
        let times: StepTimes
        /// Where they were asked for.
        let norms: StepNorms?
        /// Of any rank.
        let signals: StepSignals
    }

    let configuration: TrainingConfiguration
    let replica: Replica
    let objective: TrainingObjective
    let loader: BatchLoader
    let reducer: GradientReducer
    let recorder: SpanRecorder
    /// Images of a step over all ranks.
    let globalCount: Int
    /// Is told of each batch before it is computed.
    let loaded: (ImageBatch) throws -> Void

    /// - Parameters:
    ///   - start: when the step before ended.
    ///   - measuringNorms: whether this rank wants them.
    ///   - signals: what this rank lets the others know.
    func run(
        learningRate: Double, since start: ContinuousClock.Instant, measuringNorms: Bool, signals: () -> StepSignals
    ) throws -> Sums {
        let clock = StepClock(recorder, since: start)
        let recorder: SpanRecorder? = recorder
        let (model, communicator) = (replica.model, replica.communicator)
        let waitedBefore = loader.waitSeconds
        var pending = try (0..<(configuration.skipUnreadable ? configuration.accumulate : 0)).map { _ in try next() }
        // Images that were skipped are known only to the rank that could not read them, and only when they are loaded.
        let count =
            try configuration.skipUnreadable
            ? Int(communicator.allreduce(Int64(pending.reduce(0) { $0 + $1.count }), .sum)) : globalCount
        var (loss, crossEntropy) = (0.0, 0.0)
        var norms: StepNorms?
        for part in 1...configuration.accumulate {
            let batch = try pending.isEmpty ? next() : pending.removeFirst()
            let output = try recorder.span("forward", "forward") {
                try model.output(
                    batch.images, .training(configuration.syncBatchnorm ? replica.statisticsReduction : nil))
            }
            let result = recorder.span("loss", "forward") {
                objective.evaluate(output, of: batch, count: count, pool: model.backend.pool)
            }
            loss += result.loss
            crossEntropy += result.crossEntropy
            if part < configuration.accumulate {
                try reducer.accumulate { try model.backward(result.gradient) }
            } else {
                norms = try reducer.step(learningRate: learningRate, measuringNorms: measuringNorms) {
                    try model.backward(result.gradient, completed: $0)
                }
            }
        }
        try objective.finishStep(replica.statisticsReduction)
        var sums = [loss, crossEntropy, loader.waitSeconds - waitedBefore] + signals().counts + clock.counts
        try recorder.span("sum of the losses", "wait") { try communicator.allreduce(&sums, .sum) }
        let images = Double(max(1, count))
        let times = sums.suffix(StepClock.countsCount)
        return Sums(
            loss: sums[0] / images, crossEntropy: sums[1] / images, images: count, dataWait: sums[2],
            times: clock.times(times, ranks: communicator.size), norms: norms,
            signals: StepSignals(sums: sums[3..<times.startIndex]))
    }

    private func next() throws -> ImageBatch {
        let recorder: SpanRecorder? = recorder
        let next = try recorder.span("wait for images", "data") { try loader.next() }
        guard let batch = next else { preconditionFailure("the plan covers all epochs") }
        try loaded(batch)
        return batch
    }
}
