import Kernels
import Tensors

/// The aggregate attention module's spatial branch alone: x·Ms, Ms = σ(conv2d([mean; max over channels])),
/// `spatial.weight` (1, 2, s, s), which starts at zero.
public final class SpatialAttention: AttentionModule {
    private let spatial: SpatialBranch
    private let backend: any Backend
    private var saved: AttentionStatistics?

    /// Draws no random numbers.
    public init(
        _ name: String, channels: Int, _ configuration: ModelConfiguration, backend: any Backend,
        generator: inout RandomGenerator
    ) {
        self.backend = backend
        let side = configuration.spatialKernel
        spatial = SpatialBranch(
            "\(name).spatial", kernel: side, initial: [Float](repeating: 0, count: 2 * side * side), backend: backend)
    }

    public var parameters: [Parameter] { [spatial.weight] }

    public func maps(of input: FeatureMap, training: Bool) -> AttentionMaps {
        let statistics = backend.attentionStatistics(input, training: training)
        if training { saved = statistics }
        return .ofPositions(
            spatial.forward(statistics.positionMaps, training: training), input: input.shape, pool: backend.pool)
    }

    public func maps(of features: InferenceGraph.Value, in graph: inout InferenceGraph) -> AttentionValues {
        AttentionValues(position: spatial.append(to: &graph, of: features))
    }

    public func backward(channelMap: Tensor, positionMap: Tensor) -> StatisticsGradient {
        guard let statistics = saved else { preconditionFailure("a backward needs a training forward before it") }
        saved = nil
        return StatisticsGradient(positionMaps: (spatial.backward(positionMap), statistics))
    }

    public func operations(for input: Shape) -> Int { 2 * input.elementCount + spatial.operations(for: input) }
}
