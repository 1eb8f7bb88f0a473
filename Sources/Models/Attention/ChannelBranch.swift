import Kernels
import Tensors

/// σ(conv1d_k(x)) along the channels of a statistic x (N, C): weight (1, 1, k), zero padded, without bias.
final class ChannelBranch {
    let weight: Parameter
    private let backend: any Backend
    private var saved: (input: Tensor, map: Tensor)?

    /// - Parameter initial: the k first weights; k is odd.
    init(_ name: String, initial: [Float], backend: any Backend) {
        precondition(initial.count % 2 == 1, "\(name): a channel kernel is odd")
        self.backend = backend
        weight = Parameter(name: "\(name).weight", shape: [1, 1, initial.count], elements: initial, backend: backend)
    }

    func forward(_ input: Tensor, training: Bool) -> Tensor {
        let map = backend.channelConvolution(input, weight: taps(weight.value))
        applyLogistic(map)
        if training { saved = (input, map) }
        return map
    }

    /// `forward` as operations.
    func append(to graph: inout InferenceGraph, _ x: InferenceGraph.Value) -> InferenceGraph.Value {
        graph.append(.logistic, graph.append(.channelConvolution(weight: weight.constant), x))
    }

    /// Sets the weight's gradient and returns dL/dx. Overwrites `gradient`.
    func backward(_ gradient: Tensor) -> Tensor {
        guard let (input, map) = saved else {
            preconditionFailure("\(weight.name): a backward needs a training forward before it")
        }
        saved = nil
        applyLogisticGradient(gradient, output: map)
        return backend.channelConvolutionGradient(
            gradient, input: input, weight: taps(weight.value), weightGradient: taps(weight.gradient))
    }

    func operations(for input: Shape) -> Int { 2 * input.batch * input.channels * weight.shape.elementCount }

    /// PyTorch's (1, 1, k) as the (k) that a backend reads: the same memory.
    private func taps(_ weight: Tensor) -> Tensor { weight.reshaped([weight.shape.elementCount]) }
}
