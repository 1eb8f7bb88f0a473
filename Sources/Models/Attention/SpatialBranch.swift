import Kernels
import Tensors

/// σ(conv2d_s(x)) of position maps x (N, 2, H, W): weight (1, 2, s, s), zero padded, without bias.
final class SpatialBranch {
    let weight: Parameter
    private let backend: any Backend
    private var saved: (input: Tensor, map: Tensor)?

    /// - Parameters:
    ///   - kernel: s, odd.
    ///   - initial: the 2·s·s first weights.
    init(_ name: String, kernel: Int, initial: [Float], backend: any Backend) {
        precondition(kernel % 2 == 1, "\(name): a spatial kernel is odd")
        self.backend = backend
        weight = Parameter(name: "\(name).weight", shape: [1, 2, kernel, kernel], elements: initial, backend: backend)
    }

    /// (N, H·W)
    func forward(_ input: Tensor, training: Bool) -> Tensor {
        let map = backend.mapConvolution(input, weight: weight.value)
        applyLogistic(map)
        if training { saved = (input, map) }
        return map
    }

    /// σ(conv2d_s([mean; max over channels])) of a feature map as operations: (N, 1, H, W).
    func append(to graph: inout InferenceGraph, of features: InferenceGraph.Value) -> InferenceGraph.Value {
        let planes = graph.append(
            .concatenation, graph.append(.meanOverChannels, features), graph.append(.maximumOverChannels, features))
        let convolution = InferenceOperation.convolution(
            weight: weight.constant, bias: nil, stride: 1, padding: weight.shape[3] / 2)
        return graph.append(.logistic, graph.append(convolution, planes))
    }

    /// Sets the weight's gradient and returns dL/dx (N, 2, H, W). Overwrites `gradient`.
    func backward(_ gradient: Tensor) -> Tensor {
        guard let (input, map) = saved else {
            preconditionFailure("\(weight.name): a backward needs a training forward before it")
        }
        saved = nil
        applyLogisticGradient(gradient, output: map)
        return backend.mapConvolutionGradient(
            gradient, input: input, weight: weight.value, weightGradient: weight.gradient)
    }

    func operations(for input: Shape) -> Int { 2 * input.batch * input.positions * weight.shape.elementCount }
}
