import Kernels
import Tensors

/// A stage's output in an inference, and how scores depend on it.
public struct ScoreGradient: Sendable {
    /// The output A (N, C, H, W), row-major.
    public let features: Tensor
    /// ∂(score of image n)/∂A[n,c,i,j] (N, C, H, W), row-major.
    public let gradient: Tensor
    /// (N, classes), row-major.
    public let logits: Tensor
}

extension ResNet {
    /// The stages `layer1` to `layer4`; of `layer4`'s output are the logits made.
    public static let stageCount = 4

    /// The gradients of one logit an image by a stage's output. The network is that of an inference: batch norms
    /// normalise with their running statistics, which stay as they are. The parameters' gradients are overwritten.
    ///
    /// - Parameters:
    ///   - images: (N, 3, H, W), row-major.
    ///   - stage: from 1.
    ///   - choosing: the class of each image, from the logits (N, classes), row-major.
    public func scoreGradient(
        _ images: Tensor, stage: Int = stageCount, choosing: (_ logits: Tensor) -> [Int]
    ) throws -> ScoreGradient {
        precondition((1...stages.count).contains(stage), "a ResNet has stages 1 to \(stages.count), not \(stage)")
        let above = stages[stage...]
        let norms = above.flatMap { $0.units.map(\.norm) }
        let wereFrozen = norms.map(\.isFrozen)
        for norm in norms { norm.isFrozen = true }
        defer { for (norm, wasFrozen) in zip(norms, wereFrozen) { norm.isFrozen = wasFrozen } }

        // Only the part that is differentiated keeps its activations.
        let pooled = backend.maxPool(try stem.forward(images, .inference), stemPool, training: false).output
        let features = try stages[..<stage].reduce(pooled) { try $1.forward($0, .inference) }
        let last = try above.reduce(features) { try $1.forward($0, .training(nil)) }
        let logits = head.forward(backend.globalAveragePool(last), training: true)

        let classes = choosing(logits)
        precondition(classes.count == images.shape.batch, "one class an image")
        let ofLogits = Tensor.zeros(logits.shape)
        ofLogits.withUnsafeMutableBufferPointer { gradient in
            for (n, label) in classes.enumerated() { gradient[n * configuration.classes + label] = 1 }
        }
        var gradient = GradientSum(
            backend.globalAveragePoolGradient(head.backward(ofLogits), inputShape: last.shape))
        for stage in above.reversed() { gradient = try stage.backward(gradient, nil) { _ in } }
        return ScoreGradient(
            features: Tensor(features.elements, shape: features.shape),
            gradient: Tensor(backend.total(gradient).elements, shape: features.shape), logits: logits)
    }
}
