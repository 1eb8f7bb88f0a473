import Kernels
import Tensors

/// The end of a residual block: max(attention(F) + shortcut, 0), or max(F + shortcut, 0) without attention. F is the
/// branch's last batch norm's output and, where the shortcut is a projection, the shortcut its batch norm's; neither is
/// stored.
final class ResidualJoin {
    let attention: AttentionLayer?
    private let backend: any Backend
    private var saved: (input: FeatureMap, output: Tensor)?

    init(attention: AttentionLayer?, backend: any Backend) {
        self.attention = attention
        self.backend = backend
    }

    /// What it does after its block's last convolution.
    var title: String { attention == nil ? "norm and shortcut" : "norm, attention and shortcut" }

    func forward(_ input: FeatureMap, shortcut: FeatureMap, _ pass: Pass) -> Tensor {
        if let attention { return attention.forward(input, shortcut: shortcut, relu: true, pass) }
        let output = backend.add(input, shortcut, relu: true, inPlace: !pass.isTraining)
        if pass.isTraining { saved = (input, output) }
        return output
    }

    /// The gradients of the branch's last convolution's output and of the shortcut. Overwrites `outputGradient.first`.
    func backward(_ outputGradient: GradientSum, norm: @escaping NormGradient) throws -> (
        input: Tensor, shortcut: Tensor
    ) {
        if let attention { return try attention.backward(outputGradient, norm: norm) }
        guard let (input, output) = saved, let normalization = input.normalization else {
            preconditionFailure("a backward needs a training forward of a normalised map before it")
        }
        saved = nil
        let gradient = backend.reluGradient(outputGradient, output: output)
        let (sums, count) = try norm(
            backend.batchNormGradientSums(gradient, input: input.values, normalization, relu: false))
        let inputGradient = backend.batchNormInputGradient(
            gradient, input: input.values, normalization, relu: false, sums: sums, count: count, inPlace: false)
        return (inputGradient, gradient)
    }
}
