import Kernels
import Models
import Tensors

/// A model trained on one batch, over and over, or on this rank's slice of it.
final class TrainingRun {
    let model: ResNet
    let momenta: Tensor
    private let images: Tensor
    private let labels: [Int32]
    private let globalBatch: Int

    /// - Parameter globalBatch: what losses and gradients are divided by; the number of images unless they are a slice.
    init(_ model: ResNet, images: Tensor, labels: [Int32], globalBatch: Int? = nil) {
        self.model = model
        self.images = images
        self.labels = labels
        self.globalBatch = globalBatch ?? labels.count
        momenta = .zeros([model.arena.count])
    }

    /// Sets the gradients of this slice's part of the mean cross-entropy, and returns that part and the logits.
    @discardableResult
    func differentiate(_ reduction: StatisticsReduction? = nil) throws -> (loss: Double, logits: Tensor) {
        let logits = try model.forward(images, .training(reduction))
        let scale = 1 / Double(globalBatch)
        try model.backward(
            SoftmaxCrossEntropy.gradient(logits, labels: labels, scale: scale, pool: model.backend.pool))
        return (SoftmaxCrossEntropy.losses(logits, labels: labels).reduce(0, +) * scale, logits)
    }

    /// Moves the parameters by their gradients.
    func step(_ optimizer: MomentumUpdate) {
        optimizer.apply(to: model.arena.values, gradients: model.arena.gradients, momenta: momenta)
    }

    /// Logits in evaluation mode.
    func evaluate() throws -> [Float] {
        try model.forward(images, .inference).elements
    }
}

extension MomentumUpdate {
    /// Learning rate 0.01, momentum 0.8, weight decay 2.5e-4.
    static let usual = MomentumUpdate(learningRate: 0.01, momentum: 0.8, weightDecay: 2.5e-4, nesterov: false)
}
