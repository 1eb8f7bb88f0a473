import Kernels
import Tensors

/// CBAM (arXiv 1807.06521): x·Mc·Ms, one after the other. Mc = σ(MLP(mean over positions) + MLP(max over positions)),
/// `channel.fc1.weight` (C/r, C) and `channel.fc2.weight` (C, C/r) without bias; Ms = σ(conv2d([mean; max over
/// channels])) of x·Mc, `spatial.weight` (1, 2, s, s) without bias. Initial weights are PyTorch's default.
public final class ConvolutionalBlockAttention: AttentionModule {
    private let perceptron: ChannelPerceptron
    private let spatial: SpatialBranch
    private let backend: any Backend
    private var saved: Saved?

    private struct Saved {
        let input: FeatureMap
        let map: Tensor
        /// Of x.
        let first: AttentionStatistics
        /// Of x·Mc.
        let second: AttentionStatistics
    }

    public init(
        _ name: String, channels: Int, _ configuration: ModelConfiguration, backend: any Backend,
        generator: inout RandomGenerator
    ) {
        self.backend = backend
        perceptron = ChannelPerceptron(
            "\(name).channel", channels: channels, ratio: configuration.ratio, backend: backend, generator: &generator)
        let side = configuration.spatialKernel
        spatial = SpatialBranch(
            "\(name).spatial", kernel: side,
            initial: generator.defaultWeights(2 * side * side, inputs: 2 * side * side), backend: backend)
    }

    public var parameters: [Parameter] { perceptron.parameters + [spatial.weight] }

    public func maps(of input: FeatureMap, training: Bool) -> AttentionMaps {
        let first = backend.attentionStatistics(input, training: training)
        // The perceptron is shared: the means' rows, then the maxima's.
        let rows = perceptron.forward(
            stacked(backend.channelMean(input), first.channelMaximum), training: training)
        let map = sumOfHalves(rows)
        applyLogistic(map)
        let second = backend.attentionStatistics(input, scaledBy: map, training: training)
        if training { saved = Saved(input: input, map: map, first: first, second: second) }
        return AttentionMaps(
            channel: map, position: spatial.forward(second.positionMaps, training: training), fusion: .product)
    }

    public func maps(of features: InferenceGraph.Value, in graph: inout InferenceGraph) -> AttentionValues {
        let ofMean = perceptron.append(to: &graph, graph.append(.meanOverPositions, features))
        let ofMaximum = perceptron.append(to: &graph, graph.append(.maximumOverPositions, features))
        let map = graph.append(.logistic, graph.append(.sum, ofMean, ofMaximum))
        let position = spatial.append(to: &graph, of: graph.append(.scalingOfChannels, features, map))
        return AttentionValues(channel: map, position: position, fusion: .product)
    }

    public func backward(channelMap: Tensor, positionMap: Tensor) -> StatisticsGradient {
        guard let saved else { preconditionFailure("a backward needs a training forward before it") }
        self.saved = nil
        let positionMaps = spatial.backward(positionMap)
        let throughSpatial = backend.attentionScaleGradient(positionMaps, of: saved.second, input: saved.input)
        let total = sumOfHalves(stacked(channelMap, throughSpatial))
        applyLogisticGradient(total, output: saved.map)
        let rows = perceptron.backward(stacked(total, total))
        return StatisticsGradient(
            channelMean: half(rows, 0), channelMaximum: (half(rows, 1), saved.first),
            positionMaps: (positionMaps, saved.second))
    }

    /// Two of (N, C) as one of (2N, C).
    private func stacked(_ first: Tensor, _ second: Tensor) -> Tensor {
        let rows = Tensor([2 * first.shape[0], first.shape[1]], pool: backend.pool)
        for (index, source) in [first, second].enumerated() {
            half(rows, index).copyStored(from: source)
        }
        return rows
    }

    private func half(_ rows: Tensor, _ index: Int) -> Tensor {
        let shape: Shape = [rows.shape[0] / 2, rows.shape[1]]
        return rows.view(at: index * shape.elementCount, shape: shape)
    }

    private func sumOfHalves(_ rows: Tensor) -> Tensor {
        let sum = Tensor([rows.shape[0] / 2, rows.shape[1]], pool: backend.pool)
        rows.withUnsafeBufferPointer { rows in
            sum.withUnsafeMutableBufferPointer { sum in
                for index in sum.indices { sum[index] = rows[index] + rows[index + sum.count] }
            }
        }
        return sum
    }

    public func operations(for input: Shape) -> Int {
        // Mean and maximum, one product, mean and maximum.
        5 * input.elementCount + 2 * input.batch * perceptron.operations + spatial.operations(for: input)
    }
}
