import Datasets
import Kernels
import Models
import Tensors

/// What training minimises: cross-entropy, with or without label smoothing, plus μ times CC-Loss or centre loss.
final class TrainingObjective {
    /// A batch's losses on this rank, summed over its images, and the gradient of all ranks' mean.
    struct Result {
        /// Cross-entropy plus μ times the other.
        let loss: Double
        let crossEntropy: Double
        let gradient: ResNet.OutputGradient
    }

    /// Has the state that a checkpoint must keep.
    let centers: CenterLoss?
    private let channels: CrossChannelLoss?
    private let configuration: TrainingConfiguration

    /// - Throws: `TrainingError.tooFewChannels`, `TrainingError.mixedImages`.
    init(_ configuration: TrainingConfiguration, model: ResNet) throws {
        self.configuration = configuration
        guard configuration.loss == .crossEntropy || configuration.mixing == nil else {
            throw TrainingError.mixedImages(loss: configuration.loss.rawValue)
        }
        let (features, classes) = (model.featureChannels, model.configuration.classes)
        switch configuration.loss {
        case .crossEntropy:
            (centers, channels) = (nil, nil)
        case .cc:
            guard let groups = configuration.eta.groups(channels: features, classes: classes) else {
                throw TrainingError.tooFewChannels(
                    channels: features, classes: classes, eta: configuration.eta.description)
            }
            centers = nil
            channels = CrossChannelLoss(groups: groups, diversityWeight: configuration.lambda)
        case .center:
            centers = CenterLoss(classes: classes, channels: features)
            channels = nil
        }
    }

    /// The masks of CC-Loss are drawn from the images' positions in the list of samples.
    /// - Parameter count: images of the step over all ranks.
    func evaluate(_ output: ResNet.Output, of batch: ImageBatch, count: Int, pool: StoragePool) -> Result {
        let labels = batch.labels
        let targets = zip(labels, batch.mixes).map { label, mix in
            mix.map { ClassTarget(label, other: $0.other, weight: $0.weight) } ?? ClassTarget(label)
        }
        let (scale, smoothing) = (1 / Double(max(1, count)), configuration.labelSmoothing)
        let crossEntropy = SoftmaxCrossEntropy.losses(output.logits, targets: targets, smoothing: smoothing)
            .reduce(0, +)
        let gradient = SoftmaxCrossEntropy.gradient(
            output.logits, targets: targets, smoothing: smoothing, scale: scale, pool: pool)
        let mu = configuration.mu
        if let channels {
            let masks = batch.indices.map { index in
                // The key has more words than augmentation's, which it must not repeat.
                var generator = RandomGenerator(configuration.seed, UInt64(batch.plan.epoch), UInt64(index), .max, 1)
                return channels.drawMask(&generator)
            }
            let (losses, features) = channels.evaluate(
                output.features, labels: labels, masks: masks, scale: mu * scale, pool: pool)
            return Result(
                loss: crossEntropy + mu * losses.reduce(0, +), crossEntropy: crossEntropy,
                gradient: ResNet.OutputGradient(logits: gradient, features: features))
        }
        if let centers {
            let (losses, pooled) = centers.evaluate(output.pooled, labels: labels, scale: mu * scale, pool: pool)
            return Result(
                loss: crossEntropy + mu * losses.reduce(0, +), crossEntropy: crossEntropy,
                gradient: ResNet.OutputGradient(logits: gradient, pooled: pooled))
        }
        return Result(
            loss: crossEntropy, crossEntropy: crossEntropy, gradient: ResNet.OutputGradient(logits: gradient))
    }

    /// Moves what the loss learns by itself, after all of a step's batches.
    /// - Throws: what `reduction` throws.
    func finishStep(_ reduction: StatisticsReduction?) throws {
        try centers?.move(reduction)
    }
}
