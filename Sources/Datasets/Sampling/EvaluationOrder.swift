/// The order of evaluation: each rank has a contiguous slice of the samples, so each is seen once whatever the number
/// of ranks. Ranks may have different numbers of batches.
public enum EvaluationOrder {
    /// Batches of at most `batchSize` images for a transform to one size.
    public static func plans(count: Int, batchSize: Int, rank: Int, of ranks: Int) -> [BatchPlan] {
        batches(Array(slice(of: count, rank: rank, of: ranks)), size: batchSize)
    }

    /// Batches of at most `batchSize` images of equal size for `NativeTransform`. Reads the headers of this rank's
    /// images. Sizes come in the order in which they first occur.
    ///
    /// - Parameter skippingUnreadable: give an image whose header cannot be read a batch of its own, where the loader
    ///   will skip it, instead of throwing.
    /// - Throws: `ImageError`.
    public static func plans(
        grouping samples: [ImageSample], for transform: NativeTransform, batchSize: Int, rank: Int, of ranks: Int,
        skippingUnreadable: Bool = false
    ) throws -> [BatchPlan] {
        let reader = try ImageReader()
        var groups: [[Int]] = []
        var groupOfSize: [ImageSize: Int] = [:]
        for index in slice(of: samples.count, rank: rank, of: ranks) {
            let sample = samples[index]
            let size: ImageSize
            do {
                size = try reader.size(of: sample)
            } catch  where skippingUnreadable {
                groups.append([index])
                continue
            }
            let used = transform.region(ofImageOf: size, box: sample.box).size
            if let group = groupOfSize[used] {
                groups[group].append(index)
            } else {
                groupOfSize[used] = groups.count
                groups.append([index])
            }
        }
        return groups.flatMap { batches($0, size: batchSize) }.enumerated().map { number, plan in
            BatchPlan(epoch: plan.epoch, number: number, indices: plan.indices)
        }
    }

    private static func batches(_ indices: [Int], size: Int) -> [BatchPlan] {
        precondition(size > 0, "batches of \(size) images")
        return stride(from: 0, to: indices.count, by: size).enumerated().map { number, start in
            BatchPlan(epoch: 0, number: number, indices: Array(indices[start..<min(start + size, indices.count)]))
        }
    }
}
