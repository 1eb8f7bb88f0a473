import Kernels

/// The maps of an attention module as values of a graph: `AttentionMaps` of an `InferenceGraph`.
public struct AttentionValues {
    /// Mc (N, C); nil where the module has none.
    public var channel: InferenceGraph.Value?
    /// Ms (N, 1, H, W); nil where the module has none.
    public var position: InferenceGraph.Value?
    /// How they are joined, where there are both.
    public var fusion: AttentionFusion

    /// The maps that a module has.
    public init(
        channel: InferenceGraph.Value? = nil, position: InferenceGraph.Value? = nil, fusion: AttentionFusion = .product
    ) {
        self.channel = channel
        self.position = position
        self.fusion = fusion
    }

    /// The feature map x with the maps applied: x·Mc + x·Ms or x·Mc·Ms, without a map that there is not.
    func applied(to x: InferenceGraph.Value, in graph: inout InferenceGraph) -> InferenceGraph.Value {
        let scaled = channel.map { graph.append(.scalingOfChannels, x, $0) }
        guard let position else { return scaled ?? x }
        guard let scaled else { return graph.append(.scalingOfPositions, x, position) }
        return switch fusion {
        case .sum: graph.append(.sum, scaled, graph.append(.scalingOfPositions, x, position))
        case .product: graph.append(.scalingOfPositions, scaled, position)
        }
    }
}
