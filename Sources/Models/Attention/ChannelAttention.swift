import Kernels
import Tensors

/// The aggregate attention module's channel branch alone: x·Mc, Mc = σ(conv1d_k(max over positions)), `channel.weight`
/// (1, 1, k), which starts at zero.
public final class ChannelAttention: AttentionModule {
    private let channel: ChannelBranch
    private let backend: any Backend
    private var saved: AttentionStatistics?

    /// Draws no random numbers.
    public init(
        _ name: String, channels: Int, _ configuration: ModelConfiguration, backend: any Backend,
        generator: inout RandomGenerator
    ) {
        self.backend = backend
        let taps = configuration.channelKernel.size(channels: channels)
        channel = ChannelBranch("\(name).channel", initial: [Float](repeating: 0, count: taps), backend: backend)
    }

    public var parameters: [Parameter] { [channel.weight] }

    public func maps(of input: FeatureMap, training: Bool) -> AttentionMaps {
        let statistics = backend.attentionStatistics(input, training: training)
        if training { saved = statistics }
        return .ofChannels(
            channel.forward(statistics.channelMaximum, training: training), input: input.shape, pool: backend.pool)
    }

    public func maps(of features: InferenceGraph.Value, in graph: inout InferenceGraph) -> AttentionValues {
        AttentionValues(channel: channel.append(to: &graph, graph.append(.maximumOverPositions, features)))
    }

    public func backward(channelMap: Tensor, positionMap: Tensor) -> StatisticsGradient {
        guard let statistics = saved else { preconditionFailure("a backward needs a training forward before it") }
        saved = nil
        return StatisticsGradient(channelMaximum: (channel.backward(channelMap), statistics))
    }

    public func operations(for input: Shape) -> Int { input.elementCount + channel.operations(for: input) }
}
