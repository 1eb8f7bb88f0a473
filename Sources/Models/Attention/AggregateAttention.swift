import Foundation
import Kernels
import Tensors

/// The aggregate attention module (Wang, Shi, Fujita and Zhao, 2021).
///
/// Mc = σ(conv1d_k(max over positions)) along the channels, weight (1, 1, k); Ms = σ(conv2d([mean; max over
/// channels])), weight (1, 2, s, s); both zero padded, without bias, side by side on the same x. Output x·Mc + x·Ms, or
/// x·Mc·Ms. Both weights start at zero, so that both maps start at 1/2 and the sum at the identity.
public final class AggregateAttention: AttentionModule {
    public let channelWeight: Parameter
    public let spatialWeight: Parameter
    private let fusion: AttentionFusion
    private let backend: any Backend
    private var saved: Saved?

    private struct Saved {
        let input: FeatureMap
        let statistics: AttentionStatistics
        let maps: AttentionMaps
        let output: Tensor
        let relu: Bool
    }

    /// - Parameters:
    ///   - channelKernel: k, odd.
    ///   - spatialKernel: s, odd.
    public init(_ name: String, channelKernel: Int, spatialKernel: Int, fusion: AttentionFusion, backend: any Backend) {
        precondition(channelKernel % 2 == 1 && spatialKernel % 2 == 1, "\(name): attention kernels are odd")
        self.fusion = fusion
        self.backend = backend
        channelWeight = Parameter(
            name: "\(name).channel.weight", shape: [1, 1, channelKernel],
            elements: [Float](repeating: 0, count: channelKernel), backend: backend)
        spatialWeight = Parameter(
            name: "\(name).spatial.weight", shape: [1, 2, spatialKernel, spatialKernel],
            elements: [Float](repeating: 0, count: 2 * spatialKernel * spatialKernel), backend: backend)
    }

    public var parameters: [Parameter] { [channelWeight, spatialWeight] }

    public func forward(_ input: FeatureMap, shortcut: FeatureMap?, relu: Bool, training: Bool) -> Tensor {
        let statistics = backend.attentionStatistics(input, training: training)
        let maps = AttentionMaps(
            channel: backend.channelConvolution(statistics.channelMaximum, weight: taps(channelWeight.value)),
            position: backend.mapConvolution(statistics.positionMaps, weight: spatialWeight.value), fusion: fusion)
        applyLogistic(maps.channel)
        applyLogistic(maps.position)
        let output = backend.attend(input, maps, shortcut: shortcut, relu: relu, inPlace: !training)
        if training { saved = Saved(input: input, statistics: statistics, maps: maps, output: output, relu: relu) }
        return output
    }

    public func backward(
        _ outputGradient: GradientSum, norm: NormGradient?
    ) throws -> (input: Tensor, shortcut: Tensor) {
        guard let saved else {
            preconditionFailure("\(channelWeight.name): a backward needs a training forward before it")
        }
        self.saved = nil
        let (gradient, channelMap, positionMap) = backend.attendMapGradients(
            outputGradient, output: saved.output, input: saved.input, saved.maps, relu: saved.relu)
        applyLogisticGradient(channelMap, output: saved.maps.channel)
        applyLogisticGradient(positionMap, output: saved.maps.position)
        let statistics = StatisticsGradient(
            of: saved.statistics,
            channelMaximum: backend.channelConvolutionGradient(
                channelMap, input: saved.statistics.channelMaximum, weight: taps(channelWeight.value),
                weightGradient: taps(channelWeight.gradient)),
            positionMaps: backend.mapConvolutionGradient(
                positionMap, input: saved.statistics.positionMaps, weight: spatialWeight.value,
                weightGradient: spatialWeight.gradient))
        guard let norm else { return (backend.attendInputGradient(gradient, saved.maps, statistics), gradient) }
        let (sums, count) = try norm(
            backend.attendNormGradientSums(gradient, input: saved.input, saved.maps, statistics))
        let input = backend.attendNormInputGradient(
            gradient, input: saved.input, saved.maps, statistics, sums: sums, count: count)
        return (input, gradient)
    }

    /// PyTorch's (1, 1, k) as the (k) that a backend reads: the same memory.
    private func taps(_ weight: Tensor) -> Tensor {
        weight.reshaped([weight.shape.elementCount])
    }

    public func operations(for input: Shape) -> Int {
        let elements = input.elementCount
        // Maximum, mean and maximum; then one factor and one product an element.
        return 5 * elements + 2 * input.batch * input.channels * channelWeight.shape.elementCount
            + 2 * input.batch * input.positions * spatialWeight.shape.elementCount
    }
}

/// x = 1 / (1 + exp(-x)), in place.
private func applyLogistic(_ tensor: Tensor) {
    tensor.withUnsafeMutableBufferPointer { values in
        for index in values.indices { values[index] = 1 / (1 + exp(-values[index])) }
    }
}

/// g = g · y · (1 - y), in place.
private func applyLogisticGradient(_ gradient: Tensor, output: Tensor) {
    output.withUnsafeBufferPointer { y in
        gradient.withUnsafeMutableBufferPointer { g in
            for index in g.indices { g[index] *= y[index] * (1 - y[index]) }
        }
    }
}
