/// What one rank loads for one batch.
public struct BatchPlan: Sendable, Hashable {
    /// Seeds the augmentation, with the index.
    public let epoch: Int
    /// The batch's number in its epoch, from 0.
    public let number: Int
    /// Positions in the list of samples: this rank's part, which may be empty.
    public let indices: [Int]
    /// Images over all ranks: of the batch, or of the part of it that the plan is for.
    public let globalCount: Int

    /// - Parameters:
    ///   - epoch: seeds the augmentation, with the index.
    ///   - number: the batch's number in its epoch, from 0.
    ///   - indices: of this rank's images in the list of samples.
    ///   - globalCount: nil where the rank is alone.
    public init(epoch: Int, number: Int, indices: [Int], globalCount: Int? = nil) {
        self.epoch = epoch
        self.number = number
        self.indices = indices
        self.globalCount = globalCount ?? indices.count
    }
}
