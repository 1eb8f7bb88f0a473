import Kernels
import Tensors

/// y = x·wᵀ + b: weight (O, I), bias (O).
///
/// Initial weight and bias are uniform in ±1/√I, PyTorch's default.
public final class Linear {
    /// w (O, I), `NAME.weight`.
    public let weight: Parameter
    /// b (O), `NAME.bias`.
    public let bias: Parameter
    private let backend: any Backend
    private var input: Tensor?

    /// - Parameters:
    ///   - name: what the parameters' names begin with.
    ///   - inputs: I.
    ///   - outputs: O.
    ///   - backend: computes.
    ///   - generator: of the initial weight and bias.
    public init(_ name: String, inputs: Int, outputs: Int, backend: any Backend, generator: inout RandomGenerator) {
        self.backend = backend
        weight = Parameter(
            name: "\(name).weight", shape: [outputs, inputs],
            elements: generator.defaultWeights(outputs * inputs, inputs: inputs), backend: backend)
        bias = Parameter(
            name: "\(name).bias", shape: [outputs], elements: generator.defaultWeights(outputs, inputs: inputs),
            backend: backend)
    }

    /// (N, I) -> (N, O)
    public func forward(_ input: Tensor, training: Bool) -> Tensor {
        if training { self.input = input }
        return backend.linear(input, weight: weight.value, bias: bias.value)
    }

    /// What a forward computes, as operations.
    func append(to graph: inout InferenceGraph, _ input: InferenceGraph.Value) -> InferenceGraph.Value {
        graph.append(.linear(weight: weight.constant, bias: bias.constant), input)
    }

    /// Sets the gradients of weight and bias and returns the input's.
    public func backward(_ outputGradient: Tensor) -> Tensor {
        guard let input else { preconditionFailure("\(weight.name): a backward needs a training forward before it") }
        self.input = nil
        return backend.linearGradient(
            outputGradient, input: input, weight: weight.value, weightGradient: weight.gradient,
            biasGradient: bias.gradient)
    }
}
