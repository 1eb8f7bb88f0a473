import Tensors

/// Two sums a channel, in double precision so that they can be added over any number of ranks.
public struct ChannelSums: Equatable, Sendable {
    /// Σx, or Σg in the backward.
    public var first: [Double]
    /// Σx², or Σg·x̂ in the backward.
    public var second: [Double]

    public init(first: [Double], second: [Double]) {
        precondition(first.count == second.count, "both sums are one a channel")
        self.first = first
        self.second = second
    }
}

/// What batch normalisation does to each channel: y = γ·(x - mean)·inverseDeviation + β.
public struct Normalization {
    /// Per channel.
    public let mean: [Float]
    /// 1/√(variance + ε), per channel.
    public let inverseDeviation: [Float]
    /// γ, row-major (C).
    public let scale: Tensor
    /// β, row-major (C).
    public let shift: Tensor

    public init(mean: [Float], inverseDeviation: [Float], scale: Tensor, shift: Tensor) {
        precondition(
            mean.count == inverseDeviation.count && scale.shape == [mean.count] && shift.shape == [mean.count],
            "a normalisation has one mean, deviation, scale and shift a channel")
        self.mean = mean
        self.inverseDeviation = inverseDeviation
        self.scale = scale
        self.shift = shift
    }

    /// a = γ·inverseDeviation and b = β - mean·a of y = a·x + b, per channel.
    var line: (slopes: [Float], intercepts: [Float]) {
        let slopes = mean.indices.map { scale.pointer[$0] * inverseDeviation[$0] }
        return (slopes, mean.indices.map { shift.pointer[$0] - mean[$0] * slopes[$0] })
    }
}

/// A feature map F (N, C, H, W) that an operation reads: stored values, or what batch norm makes of them on the way, so
/// that the normalised map is never written to memory.
public struct FeatureMap {
    public let values: Tensor
    /// F = γ·(values - mean)·inverseDeviation + β; nil if F is `values`.
    public let normalization: Normalization?

    public init(_ values: Tensor, _ normalization: Normalization? = nil) {
        self.values = values
        self.normalization = normalization
    }

    public var shape: Shape { values.shape }

    var requiredNormalization: Normalization {
        guard let normalization else { preconditionFailure("a normalised feature map was expected") }
        return normalization
    }
}

/// The gradient of a map that one or two others were computed from: `first`, or `first + second`, which the next
/// operation adds on the way.
public struct GradientSum {
    public let first: Tensor
    public let second: Tensor?

    public init(_ first: Tensor, _ second: Tensor? = nil) {
        precondition(second.map { $0.shape == first.shape } ?? true, "a sum of gradients of unlike shapes")
        self.first = first
        self.second = second
    }
}

/// The two maps that attention multiplies a feature map by, and how.
public struct AttentionMaps {
    /// Mc (N, C), row-major.
    public let channel: Tensor
    /// Ms (N, H·W), row-major.
    public let position: Tensor
    public let fusion: AttentionFusion

    public init(channel: Tensor, position: Tensor, fusion: AttentionFusion) {
        self.channel = channel
        self.position = position
        self.fusion = fusion
    }
}

/// What `attend`'s second backward pass sends to its input besides g·(Mc + Ms): the gradients of the statistics that
/// the maps were made from.
public struct StatisticsGradient {
    public let statistics: AttentionStatistics
    /// (N, C), of the channel maximum.
    public let channelMaximum: Tensor
    /// (N, 2, H, W), of the position maps.
    public let positionMaps: Tensor

    public init(of statistics: AttentionStatistics, channelMaximum: Tensor, positionMaps: Tensor) {
        self.statistics = statistics
        self.channelMaximum = channelMaximum
        self.positionMaps = positionMaps
    }
}

/// How the channel and the spatial attention map are joined.
public enum AttentionFusion: String, CaseIterable, Codable, Sendable {
    /// F·Mc + F·Ms, the paper's.
    case sum
    /// F·Mc·Ms
    case product
}

/// What attention reads off a feature map (N, C, H, W).
public struct AttentionStatistics {
    /// (N, C): maximum over positions.
    public let channelMaximum: Tensor
    /// N·C positions (row · W + column) of those maxima; possibly none in inference.
    public let channelArgument: [Int32]
    /// (N, 2, H, W), row-major: plane 0 the mean over channels, plane 1 the maximum.
    public let positionMaps: Tensor
    /// N·H·W channels of those maxima; possibly none in inference.
    public let positionArgument: [Int32]

    public init(
        channelMaximum: Tensor, channelArgument: [Int32], positionMaps: Tensor, positionArgument: [Int32]
    ) {
        self.channelMaximum = channelMaximum
        self.channelArgument = channelArgument
        self.positionMaps = positionMaps
        self.positionArgument = positionArgument
    }
}

/// What a max pooling remembers for its backward: the backend's own record.
public protocol PoolingTrace {
    /// Shape of the pooled input.
    var inputShape: Shape { get }
}
