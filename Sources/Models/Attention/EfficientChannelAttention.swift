import Kernels
import Tensors

/// ECA (arXiv 1910.03151): x·Mc, Mc = σ(conv1d_k(mean over positions)), `channel.weight` (1, 1, k), at first uniform in
/// ±1/√k, PyTorch's default.
public final class EfficientChannelAttention: AttentionModule {
    private let channel: ChannelBranch
    private let backend: any Backend

    public init(
        _ name: String, channels: Int, _ configuration: ModelConfiguration, backend: any Backend,
        generator: inout RandomGenerator
    ) {
        self.backend = backend
        let taps = configuration.channelKernel.size(channels: channels)
        channel = ChannelBranch(
            "\(name).channel", initial: generator.defaultWeights(taps, inputs: taps), backend: backend)
    }

    public var parameters: [Parameter] { [channel.weight] }

    public func maps(of input: FeatureMap, training: Bool) -> AttentionMaps {
        .ofChannels(
            channel.forward(backend.channelMean(input), training: training), input: input.shape, pool: backend.pool)
    }

    public func maps(of features: InferenceGraph.Value, in graph: inout InferenceGraph) -> AttentionValues {
        AttentionValues(channel: channel.append(to: &graph, graph.append(.meanOverPositions, features)))
    }

    public func backward(channelMap: Tensor, positionMap: Tensor) -> StatisticsGradient {
        StatisticsGradient(channelMean: channel.backward(channelMap))
    }

    public func operations(for input: Shape) -> Int { input.elementCount + channel.operations(for: input) }
}
