import Kernels
import Tensors

/// The aggregate attention module (Wang, Shi, Fujita and Zhao, 2021).
///
/// Mc = σ(conv1d_k(max over positions)) along the channels, `channel.weight` (1, 1, k); Ms = σ(conv2d([mean; max over
/// channels])), `spatial.weight` (1, 2, s, s); both zero padded, without bias, side by side on the same x. Output
/// x·Mc + x·Ms, or x·Mc·Ms. Both weights start at zero, so that both maps start at 1/2 and the sum at the identity.
public final class AggregateAttention: AttentionModule {
    private let channel: ChannelBranch
    private let spatial: SpatialBranch
    private let fusion: AttentionFusion
    private let backend: any Backend
    private var saved: AttentionStatistics?

    /// Draws no random numbers.
    public init(
        _ name: String, channels: Int, _ configuration: ModelConfiguration, backend: any Backend,
        generator: inout RandomGenerator
    ) {
        self.backend = backend
        fusion = configuration.fusion
        let (taps, side) = (configuration.channelKernel.size(channels: channels), configuration.spatialKernel)
        channel = ChannelBranch(
            "\(name).channel", initial: [Float](repeating: 0, count: taps), backend: backend)
        spatial = SpatialBranch(
            "\(name).spatial", kernel: side, initial: [Float](repeating: 0, count: 2 * side * side), backend: backend)
    }

    public var parameters: [Parameter] { [channel.weight, spatial.weight] }

    public func maps(of input: FeatureMap, training: Bool) -> AttentionMaps {
        let statistics = backend.attentionStatistics(input, training: training)
        if training { saved = statistics }
        return AttentionMaps(
            channel: channel.forward(statistics.channelMaximum, training: training),
            position: spatial.forward(statistics.positionMaps, training: training), fusion: fusion)
    }

    public func maps(of features: InferenceGraph.Value, in graph: inout InferenceGraph) -> AttentionValues {
        AttentionValues(
            channel: channel.append(to: &graph, graph.append(.maximumOverPositions, features)),
            position: spatial.append(to: &graph, of: features), fusion: fusion)
    }

    public func backward(channelMap: Tensor, positionMap: Tensor) -> StatisticsGradient {
        guard let statistics = saved else { preconditionFailure("a backward needs a training forward before it") }
        saved = nil
        return StatisticsGradient(
            channelMaximum: (channel.backward(channelMap), statistics),
            positionMaps: (spatial.backward(positionMap), statistics))
    }

    public func operations(for input: Shape) -> Int {
        // Maximum, mean and maximum.
        3 * input.elementCount + channel.operations(for: input) + spatial.operations(for: input)
    }
}
