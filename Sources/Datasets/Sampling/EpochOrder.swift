import Tensors

/// The order in which training sees the samples: a permutation of each epoch from (seed, epoch) alone, cut into global
/// batches, each cut into parts that are computed one after the other, each of them cut into one contiguous slice a rank.
/// So the batches are the same for any number of ranks.
public struct EpochOrder: Sendable, Hashable {
    /// Number of samples.
    public let count: Int
    /// Images of a batch over all ranks.
    public let batchSize: Int
    /// With the epoch, what the order follows from.
    public let seed: UInt64
    /// Plans that a batch is cut into, one after the other.
    public let parts: Int
    /// Leave out the last batch of an epoch if it is smaller than the others (a lone small batch is kept).
    public let dropsLast: Bool

    /// - Precondition: there are samples, and batches and parts of at least one.
    public init(count: Int, batchSize: Int, seed: UInt64, parts: Int = 1, dropsLast: Bool = true) {
        precondition(count > 0 && batchSize > 0, "\(count) samples in batches of \(batchSize)")
        precondition(parts > 0, "a batch of \(parts) parts")
        self.count = count
        self.batchSize = batchSize
        self.seed = seed
        self.parts = parts
        self.dropsLast = dropsLast
    }

    /// Global batches in an epoch, at least one.
    public var batchesPerEpoch: Int {
        dropsLast ? max(1, count / batchSize) : (count + batchSize - 1) / batchSize
    }

    /// The samples' order in `epoch`.
    public func permutation(epoch: Int) -> [Int] {
        // No sample has this index, so the order is independent of every sample's augmentation.
        var generator = RandomGenerator(seed, UInt64(epoch), .max)
        return generator.permutation(count)
    }

    /// What `rank` of `ranks` loads in `epoch`, from global batch `first` on: `parts` plans a batch.
    public func plans(epoch: Int, from first: Int = 0, rank: Int, of ranks: Int) -> [BatchPlan] {
        precondition(first >= 0 && first <= batchesPerEpoch, "batch \(first) of \(batchesPerEpoch)")
        let order = permutation(epoch: epoch)
        return (first..<batchesPerEpoch).flatMap { number in
            let batch = order[number * batchSize..<min((number + 1) * batchSize, count)]
            return (0..<parts).map { part in
                let part = slice(of: batch.count, rank: part, of: parts)
                let own = slice(of: part.count, rank: rank, of: ranks)
                let start = batch.startIndex + part.lowerBound
                return BatchPlan(
                    epoch: epoch, number: number,
                    indices: Array(batch[start + own.lowerBound..<start + own.upperBound]), globalCount: part.count)
            }
        }
    }
}
