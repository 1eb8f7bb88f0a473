/// The order of evaluation: the list is cut into batches, which are dealt to the ranks in turn. So each sample is seen once,
/// and with the same others, whatever the number of ranks. Ranks may have different numbers of batches.
public enum EvaluationOrder {
    /// Batches of at most `batchSize` images for a transform to one size.
    public static func plans(count: Int, batchSize: Int, rank: Int, of ranks: Int) -> [BatchPlan] {
        dealt(batches(Array(0..<count), size: batchSize), to: rank, of: ranks)
    }

    /// Batches of at most `batchSize` images of equal size for `NativeTransform`. Sizes come in the order in which they
    /// first occur.
    /// - Parameters:
    ///   - sizes: of all samples, as `sizes(of:in:for:skippingUnreadable:)` tells them. An image without a size gets a
    ///     batch of its own, where the loader will skip it.
    ///   - batchSize: at least 1.
    ///   - rank: whose batches these are.
    ///   - ranks: their number.
    public static func plans(sizes: [ImageSize?], batchSize: Int, rank: Int, of ranks: Int) -> [BatchPlan] {
        var groups: [[Int]] = []
        var groupOfSize: [ImageSize: Int] = [:]
        for (index, size) in sizes.enumerated() {
            if let size, let group = groupOfSize[size] {
                groups[group].append(index)
            } else {
                if let size { groupOfSize[size] = groups.count }
                groups.append([index])
            }
        }
        return dealt(groups.flatMap { batches($0, size: batchSize) }, to: rank, of: ranks)
    }

    /// The sizes of a part of the list under `NativeTransform`. Reads the headers of the images.
    /// - Parameters:
    ///   - samples: the list.
    ///   - range: the part's places in it.
    ///   - transform: cuts images to their boxes, or not.
    ///   - skippingUnreadable: give nil for an image whose header cannot be read, instead of throwing.
    /// - Throws: `ImageError`.
    public static func sizes(
        of samples: [ImageSample], in range: Range<Int>, for transform: NativeTransform,
        skippingUnreadable: Bool = false
    ) throws -> [ImageSize?] {
        let reader = try ImageReader()
        return try samples[range].map { sample in
            do {
                return transform.region(ofImageOf: try reader.size(of: sample), box: sample.box).size
            } catch  where skippingUnreadable {
                return nil
            }
        }
    }

    private static func batches(_ indices: [Int], size: Int) -> [[Int]] {
        precondition(size > 0, "batches of \(size) images")
        return stride(from: 0, to: indices.count, by: size).map { start in
            Array(indices[start..<min(start + size, indices.count)])
        }
    }

    private static func dealt(_ batches: [[Int]], to rank: Int, of ranks: Int) -> [BatchPlan] {
        stride(from: rank, to: batches.count, by: ranks).map { number in
            BatchPlan(epoch: 0, number: number, indices: batches[number])
        }
    }
}
