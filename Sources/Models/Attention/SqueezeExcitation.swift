import Kernels
import Tensors

/// SE (arXiv 1709.01507): x·Mc, Mc = σ(W2·max(W1·mean over positions, 0)), `fc1.weight` (C/r, C) and `fc2.weight`
/// (C, C/r), without biases, as the paper advises.
public final class SqueezeExcitation: AttentionModule {
    private let perceptron: ChannelPerceptron
    private let backend: any Backend
    private var saved: Tensor?

    public init(
        _ name: String, channels: Int, _ configuration: ModelConfiguration, backend: any Backend,
        generator: inout RandomGenerator
    ) {
        self.backend = backend
        perceptron = ChannelPerceptron(
            name, channels: channels, ratio: configuration.ratio, backend: backend, generator: &generator)
    }

    public var parameters: [Parameter] { perceptron.parameters }

    public func maps(of input: FeatureMap, training: Bool) -> AttentionMaps {
        let map = perceptron.forward(backend.channelMean(input), training: training)
        applyLogistic(map)
        if training { saved = map }
        return .ofChannels(map, input: input.shape, pool: backend.pool)
    }

    public func maps(of features: InferenceGraph.Value, in graph: inout InferenceGraph) -> AttentionValues {
        let weights = perceptron.append(to: &graph, graph.append(.meanOverPositions, features))
        return AttentionValues(channel: graph.append(.logistic, weights))
    }

    public func backward(channelMap: Tensor, positionMap: Tensor) -> StatisticsGradient {
        guard let map = saved else { preconditionFailure("a backward needs a training forward before it") }
        saved = nil
        applyLogisticGradient(channelMap, output: map)
        return StatisticsGradient(channelMean: perceptron.backward(channelMap))
    }

    public func operations(for input: Shape) -> Int { input.elementCount + input.batch * perceptron.operations }
}
