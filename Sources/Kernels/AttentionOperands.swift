import Tensors

/// What attention reads off a feature map F (N, C, H, W).
public struct AttentionStatistics {
    /// (N, C): maximum over positions.
    public let channelMaximum: Tensor
    /// N·C positions (row · W + column) of those maxima; possibly none in inference.
    public let channelArgument: [Int32]
    /// (N, 2, H, W), row-major: plane 0 the mean over channels, plane 1 the maximum.
    public let positionMaps: Tensor
    /// N·H·W channels of those maxima; possibly none in inference.
    public let positionArgument: [Int32]
    /// Mc (N, C) if the statistics are of F·Mc.
    public let channelMap: Tensor?

    /// Statistics that a kernel has made.
    public init(
        channelMaximum: Tensor, channelArgument: [Int32], positionMaps: Tensor, positionArgument: [Int32],
        channelMap: Tensor?
    ) {
        self.channelMaximum = channelMaximum
        self.channelArgument = channelArgument
        self.positionMaps = positionMaps
        self.positionArgument = positionArgument
        self.channelMap = channelMap
    }
}

/// The two maps that attention multiplies a feature map by, and how.
public struct AttentionMaps {
    /// Mc (N, C), row-major.
    public let channel: Tensor
    /// Ms (N, H·W), row-major.
    public let position: Tensor
    /// How they are joined.
    public let fusion: AttentionFusion
    /// Whether the maps are computed; one that is not is all ones.
    public private(set) var (weighsChannels, weighsPositions) = (true, true)

    /// Two maps and how they are joined.
    public init(channel: Tensor, position: Tensor, fusion: AttentionFusion) {
        self.channel = channel
        self.position = position
        self.fusion = fusion
    }

    /// F·Mc, for F of shape `input`: the position map is all ones.
    public static func ofChannels(_ map: Tensor, input: Shape, pool: StoragePool) -> AttentionMaps {
        var maps = AttentionMaps(channel: map, position: ones([input.batch, input.positions], pool), fusion: .product)
        maps.weighsPositions = false
        return maps
    }

    /// F·Ms, for F of shape `input`: the channel map is all ones.
    public static func ofPositions(_ map: Tensor, input: Shape, pool: StoragePool) -> AttentionMaps {
        var maps = AttentionMaps(channel: ones([input.batch, input.channels], pool), position: map, fusion: .product)
        maps.weighsChannels = false
        return maps
    }

    private static func ones(_ shape: Shape, _ pool: StoragePool) -> Tensor {
        let ones = Tensor(shape, pool: pool)
        ones.withUnsafeMutableBufferPointer { $0.update(repeating: 1) }
        return ones
    }
}

/// How the channel and the spatial attention map are joined.
public enum AttentionFusion: String, CaseIterable, Codable, Sendable {
    /// F·Mc + F·Ms, the paper's.
    case sum
    /// F·Mc·Ms
    case product
}

/// What `attend`'s second backward pass sends to its input besides g·(Mc + Ms): the gradients of the statistics that
/// the maps were made from, those that were used.
public struct StatisticsGradient {
    /// A gradient and the statistics that say where it goes.
    public typealias Part = (gradient: Tensor, statistics: AttentionStatistics)

    /// (N, C), of the means over positions.
    public let channelMean: Tensor?
    /// (N, C), of the maxima over positions of F itself.
    public let channelMaximum: Part?
    /// (N, 2, H, W), of the position maps of F, or of F·Mc.
    public let positionMaps: Part?

    /// The gradients of those statistics that the maps were made from.
    public init(channelMean: Tensor? = nil, channelMaximum: Part? = nil, positionMaps: Part? = nil) {
        precondition(
            channelMaximum?.statistics.channelMap == nil, "a channel map's gradient through channel maxima is not known"
        )
        self.channelMean = channelMean
        self.channelMaximum = channelMaximum
        self.positionMaps = positionMaps
    }
}

extension Backend {
    /// `attentionStatistics` of F itself.
    public func attentionStatistics(_ input: FeatureMap, training: Bool) -> AttentionStatistics {
        attentionStatistics(input, scaledBy: nil, training: training)
    }

    /// (N, C): the mean over positions of F (N, C, H, W). That of a normalised map is made of its values' mean, as what
    /// normalises is linear.
    public func channelMean(_ input: FeatureMap) -> Tensor {
        let mean = globalAveragePool(input.values)
        guard let normalization = input.normalization else { return mean }
        let (slopes, intercepts) = normalization.line
        mean.withUnsafeMutableBufferPointer { mean in
            for index in mean.indices {
                mean[index] = mean[index] * slopes[index % slopes.count] + intercepts[index % slopes.count]
            }
        }
        return mean
    }
}
