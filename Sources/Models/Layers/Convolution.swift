import Kernels
import Tensors
import Tracing

/// A 2-D convolution without bias: weight (O, I, K, K).
///
/// Initial weights are normal with deviation √(2 / (O·K²)) (He et al. 2015, fan out), as torchvision's ResNets have.
public final class Convolution {
    /// (O, I, K, K), in the layout that the backend's kernels read.
    public let weight: Parameter
    /// Channels, kernel, stride and padding.
    public let geometry: ConvolutionGeometry
    private let backend: any Backend
    private var input: Tensor?

    /// - Parameters:
    ///   - name: what the parameter's name begins with.
    ///   - geometry: channels, kernel, stride and padding.
    ///   - input: the shape of the input that the convolution will mostly meet.
    ///   - backend: computes.
    ///   - generator: of the initial weight.
    public init(
        _ name: String, _ geometry: ConvolutionGeometry, input: Shape, backend: any Backend,
        generator: inout RandomGenerator
    ) {
        self.geometry = geometry
        self.backend = backend
        let shape = geometry.filterShape
        let deviation = (2 / Double(shape[0] * shape[2] * shape[3])).squareRoot()
        weight = Parameter(
            name: "\(name).weight", shape: shape, layout: backend.filterLayout(for: geometry, input: input),
            elements: (0..<shape.elementCount).map { _ in Float(deviation * generator.normal()) }, backend: backend)
    }

    /// (N, I, H, W) -> (N, O, H', W'), as `ConvolutionGeometry.outputShape(for:)` says. One backward may follow if
    /// `training`.
    public func forward(_ input: Tensor, training: Bool) -> Tensor {
        if training { self.input = input }
        return backend.recorder.span("\(weight.name) forward", "forward") {
            backend.convolution(input, filter: weight.value, geometry: geometry)
        }
    }

    /// What a forward computes, as operations.
    func append(to graph: inout InferenceGraph, _ input: InferenceGraph.Value) -> InferenceGraph.Value {
        graph.append(
            .convolution(weight: weight.constant, bias: nil, stride: geometry.stride, padding: geometry.padding), input)
    }

    /// Sets the weight's gradient and returns the input's.
    public func backward(_ outputGradient: Tensor) -> Tensor {
        let input = backwardToWeight(outputGradient)
        return backend.recorder.span("\(weight.name) input gradient", "backward") {
            backend.convolutionInputGradient(
                outputGradient, filter: weight.value, inputShape: input.shape, geometry: geometry)
        }
    }

    /// Sets the weight's gradient only: the first layer's backward. Returns the input.
    @discardableResult
    public func backwardToWeight(_ outputGradient: Tensor) -> Tensor {
        guard let input else { preconditionFailure("\(weight.name): a backward needs a training forward before it") }
        self.input = nil
        backend.recorder.span("\(weight.name) filter gradient", "backward") {
            backend.convolutionFilterGradient(outputGradient, input: input, into: weight.gradient, geometry: geometry)
        }
        return input
    }
}
