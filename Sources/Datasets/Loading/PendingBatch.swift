import Foundation
import Tensors

/// A batch in the making. Guarded by the queue's lock, except that rows of the tensor are written outside of it, each by
/// the one worker that has the image.
final class PendingBatch {
    let plan: BatchPlan
    /// Made for the first image that is decoded, when the size is known.
    private var images: Tensor?
    private var failures: [Int: any Error] = [:]
    private var mixes: [Int: LabelMix] = [:]
    private var remaining: Int

    init(plan: BatchPlan) {
        self.plan = plan
        remaining = plan.indices.count
    }

    var isComplete: Bool { remaining == 0 }

    /// The error of the first image in the plan that has one.
    var firstFailure: (any Error)? { failures.min { $0.key < $1.key }?.value }

    /// The tensor to write an image of `size` into.
    /// - Throws: `ImageError.unequalSizes` if earlier images have another size.
    func tensor(forImageOf size: ImageSize, path: String, pool: StoragePool) throws -> Tensor {
        if let images {
            let expected = ImageSize(width: images.shape.width, height: images.shape.height)
            guard size == expected else {
                throw ImageError.unequalSizes(path: path, size: size, expected: expected)
            }
            return images
        }
        let made = Tensor([plan.indices.count, 3, size.height, size.width], pool: pool)
        images = made
        return made
    }

    func finish(position: Int, mix: LabelMix?, failure: (any Error)?) {
        if let mix { mixes[position] = mix }
        if let failure { failures[position] = failure }
        remaining -= 1
    }

    /// The batch without the images that failed.
    func finished(samples: [ImageSample], emptySize: ImageSize?, pool: StoragePool) -> ImageBatch {
        let kept = plan.indices.indices.filter { failures[$0] == nil }
        let skipped = failures.sorted { $0.key < $1.key }.map { position, error in
            let index = plan.indices[position]
            return SkippedImage(index: index, path: samples[index].path, error: error)
        }
        let indices = kept.map { plan.indices[$0] }
        return ImageBatch(
            plan: plan, images: compacted(to: kept, emptySize: emptySize, pool: pool),
            labels: indices.map { Int32(samples[$0].label) }, mixes: kept.map { mixes[$0] }, indices: indices,
            skipped: skipped)
    }

    /// The rows `kept`, moved together. Nothing moves where all are kept.
    private func compacted(to kept: [Int], emptySize: ImageSize?, pool: StoragePool) -> Tensor {
        guard let images, !kept.isEmpty else {
            return Tensor([0, 3, emptySize?.height ?? 0, emptySize?.width ?? 0], pool: pool)
        }
        let shape = images.shape
        if kept.count == shape.batch { return images }
        let count = shape.elementCount / shape.batch
        images.withUnsafeMutableBufferPointer { buffer in
            guard let base = buffer.baseAddress else { return }
            for (to, from) in kept.enumerated() where to != from {
                (base + to * count).update(from: base + from * count, count: count)
            }
        }
        return images.view(at: 0, shape: [kept.count, 3, shape.height, shape.width])
    }
}
