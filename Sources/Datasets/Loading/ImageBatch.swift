import Tensors

/// What a `BatchLoader` hands over.
public struct ImageBatch: Sendable {
    /// What the loader was asked for.
    public let plan: BatchPlan
    /// Row-major (n, 3, H, W), normalised; n is 0 if the rank has no part in the batch or all of it was skipped, and
    /// then H and W are the transform's, or 0.
    public let images: Tensor
    /// Of the n images.
    public let labels: [Int32]
    /// The second labels of the n images; nil for those that are not mixed.
    public let mixes: [LabelMix?]
    /// Positions of the n images in the list of samples.
    public let indices: [Int]
    /// Images of the plan that could not be read.
    public let skipped: [SkippedImage]

    /// n
    public var count: Int { indices.count }
}

/// An image that a loader left out.
public struct SkippedImage: Sendable {
    /// Position in the list of samples.
    public let index: Int
    /// The file.
    public let path: String
    /// What the reader says of it.
    public let error: any Error
}
