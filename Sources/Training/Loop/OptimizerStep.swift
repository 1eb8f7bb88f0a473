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
        let images: Int
        let dataWait: Double
        /// How many ranks signalled.
        let signals: Double
    }

    let configuration: TrainingConfiguration
    let replica: Replica
    let loader: BatchLoader
    let reducer: GradientReducer
    let recorder: SpanRecorder?
    /// Images of a step over all ranks.
    let globalCount: Int
    /// Is told of each batch before it is computed.
    let loaded: (ImageBatch) throws -> Void

    /// - Parameter signal: 1 to let all ranks know of something, else 0.
    func run(learningRate: Double, signal: () -> Double) throws -> Sums {
        let (model, communicator) = (replica.model, replica.communicator)
        let waitedBefore = loader.waitSeconds
        var pending = try (0..<(configuration.skipUnreadable ? configuration.accumulate : 0)).map { _ in try next() }
        // Images that were skipped are known only to the rank that could not read them, and only when they are loaded.
        let count =
            try configuration.skipUnreadable
            ? Int(communicator.allreduce(Int64(pending.reduce(0) { $0 + $1.count }), .sum)) : globalCount
        var loss = 0.0
        for part in 1...configuration.accumulate {
            let batch = try pending.isEmpty ? next() : pending.removeFirst()
            let logits = try recorder.span("forward", "forward") {
                try model.forward(
                    batch.images, .training(configuration.syncBatchnorm ? replica.statisticsReduction : nil))
            }
            let targets = zip(batch.labels, batch.mixes).map { label, mix in
                mix.map { ClassTarget(label, other: $0.other, weight: $0.weight) } ?? ClassTarget(label)
            }
            loss += SoftmaxCrossEntropy.losses(logits, targets: targets).reduce(0, +)
            let gradient = SoftmaxCrossEntropy.gradient(
                logits, targets: targets, scale: 1 / Double(max(1, count)), pool: model.backend.pool)
            if part < configuration.accumulate {
                try reducer.accumulate { try model.backward(gradient) }
            } else {
                try reducer.step(learningRate: learningRate) { try model.backward(gradient, completed: $0) }
            }
        }
        var sums = [loss, loader.waitSeconds - waitedBefore, signal()]
        try recorder.span("sum of the losses", "wait") { try communicator.allreduce(&sums, .sum) }
        return Sums(loss: sums[0] / Double(max(1, count)), images: count, dataWait: sums[1], signals: sums[2])
    }

    private func next() throws -> ImageBatch {
        let next = try recorder.span("wait for images", "data") { try loader.next() }
        guard let batch = next else { preconditionFailure("the plan covers all epochs") }
        try loaded(batch)
        return batch
    }
}
