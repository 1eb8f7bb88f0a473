import Kernels
import Tensors

/// The perceptron that weighs channels, W2·max(W1·x, 0) for every row of x (M, C): `fc1.weight` (C/r, C), `fc2.weight`
/// (C, C/r), without bias.
///
/// Initial weights are PyTorch's default: uniform in ±1/√inputs.
final class ChannelPerceptron {
    private let inner: Parameter
    private let outer: Parameter
    private let backend: any Backend
    private var saved: (input: Tensor, hidden: Tensor)?

    /// - Parameter ratio: r; at least one neuron is left.
    init(_ name: String, channels: Int, ratio: Int, backend: any Backend, generator: inout RandomGenerator) {
        self.backend = backend
        let hidden = max(1, channels / ratio)
        inner = Parameter(
            name: "\(name).fc1.weight", shape: [hidden, channels],
            elements: generator.defaultWeights(hidden * channels, inputs: channels), backend: backend)
        outer = Parameter(
            name: "\(name).fc2.weight", shape: [channels, hidden],
            elements: generator.defaultWeights(hidden * channels, inputs: hidden), backend: backend)
    }

    var parameters: [Parameter] { [inner, outer] }

    func forward(_ input: Tensor, training: Bool) -> Tensor {
        let hidden = backend.linear(input, weight: inner.value, bias: withoutBias(inner))
        hidden.withUnsafeMutableBufferPointer { values in
            for index in values.indices where values[index] < 0 { values[index] = 0 }
        }
        if training { saved = (input, hidden) }
        return backend.linear(hidden, weight: outer.value, bias: withoutBias(outer))
    }

    /// `forward` as operations.
    func append(to graph: inout InferenceGraph, _ x: InferenceGraph.Value) -> InferenceGraph.Value {
        let hidden = graph.append(.relu, graph.append(.linear(weight: inner.constant, bias: nil), x))
        return graph.append(.linear(weight: outer.constant, bias: nil), hidden)
    }

    /// Sets the weights' gradients and returns dL/dx.
    func backward(_ gradient: Tensor) -> Tensor {
        guard let (input, hidden) = saved else {
            preconditionFailure("\(inner.name): a backward needs a training forward before it")
        }
        saved = nil
        let toHidden = backend.linearGradient(
            gradient, input: hidden, weight: outer.value, weightGradient: outer.gradient,
            biasGradient: withoutBias(outer))
        hidden.withUnsafeBufferPointer { values in
            toHidden.withUnsafeMutableBufferPointer { gradients in
                for index in gradients.indices where !(values[index] > 0) { gradients[index] = 0 }
            }
        }
        return backend.linearGradient(
            toHidden, input: input, weight: inner.value, weightGradient: inner.gradient,
            biasGradient: withoutBias(inner))
    }

    /// Of one row.
    var operations: Int { 2 * (inner.shape.elementCount + outer.shape.elementCount) }

    /// Zeros where a backend reads a bias, and room where it writes a bias's gradient.
    private func withoutBias(_ weight: Parameter) -> Tensor { .zeros([weight.shape[0]], pool: backend.pool) }
}
