import Models
import Tensors

/// What a module multiplies a channel of an image's features by.
public struct ChannelWeight: Hashable, Sendable {
    public let channel: Int
    public let weight: Float
}

extension AttentionRecord {
    /// The `count` channels of an image that the module weighs most, the most weighted first, of equal ones the first; none
    /// where it weighs no channels.
    public func mostWeightedChannels(ofImage index: Int, count: Int) -> [ChannelWeight] {
        guard let channel else { return [] }
        let channels = channel.shape[1]
        let weights = channel.view(at: index * channels, shape: [channels]).elements
        let order = weights.indices.sorted { (weights[$1], $0) < (weights[$0], $1) }
        return order.prefix(count).map { ChannelWeight(channel: $0, weight: weights[$0]) }
    }
}
