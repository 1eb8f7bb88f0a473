import Tensors

/// Two sums a channel, in double precision so that they can be added over any number of ranks.
public struct ChannelSums: Equatable, Sendable {
    /// Σx, or Σg in the backward.
    public var first: [Double]
    /// Σx², or Σg·x̂ in the backward.
    public var second: [Double]

    /// - Precondition: both have one sum a channel.
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

    /// - Precondition: one value a channel each.
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
    /// x, in the backend's activation layout.
    public let values: Tensor
    /// F = γ·(values - mean)·inverseDeviation + β; nil if F is `values`.
    public let normalization: Normalization?

    /// F as stored, or normalised on the way.
    public init(_ values: Tensor, _ normalization: Normalization? = nil) {
        self.values = values
        self.normalization = normalization
    }

    /// (N, C, H, W)
    public var shape: Shape { values.shape }

    var requiredNormalization: Normalization {
        guard let normalization else { preconditionFailure("a normalised feature map was expected") }
        return normalization
    }
}

/// The gradient of a map that one or two others were computed from: `first`, or `first + second`, which the next
/// operation adds on the way.
public struct GradientSum {
    /// In the backend's activation layout.
    public let first: Tensor
    /// Of the same shape; nil where there is but one.
    public let second: Tensor?

    /// - Precondition: both have the same shape.
    public init(_ first: Tensor, _ second: Tensor? = nil) {
        precondition(second.map { $0.shape == first.shape } ?? true, "a sum of gradients of unlike shapes")
        self.first = first
        self.second = second
    }
}

/// What a max pooling remembers for its backward: the backend's own record.
public protocol PoolingTrace {
    /// Shape of the pooled input.
    var inputShape: Shape { get }
}
