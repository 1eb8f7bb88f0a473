import Kernels
import Tensors

/// The end of a residual block: max(attention(x) + shortcut, 0), or max(x + shortcut, 0) without attention.
final class ResidualJoin {
    let attention: (any AttentionModule)?
    private let backend: any Backend
    private var output: Tensor?

    init(attention: (any AttentionModule)?, backend: any Backend) {
        self.attention = attention
        self.backend = backend
    }

    func forward(_ input: Tensor, shortcut: Tensor, training: Bool) -> Tensor {
        if let attention { return attention.forward(input, shortcut: shortcut, relu: true, training: training) }
        let output = backend.add(input, shortcut, relu: true)
        if training { self.output = output }
        return output
    }

    func backward(_ outputGradient: Tensor) -> (input: Tensor, shortcut: Tensor) {
        if let attention { return attention.backward(outputGradient) }
        guard let output else { preconditionFailure("a backward needs a training forward before it") }
        self.output = nil
        let gradient = backend.reluGradient(outputGradient, output: output)
        return (gradient, gradient)
    }
}
