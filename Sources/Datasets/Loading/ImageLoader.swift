import Tensors

/// Turns one sample into normalised pixels: read, decode, transform. One thread uses a loader at a time.
final class ImageLoader: @unchecked Sendable {
    private let reader: ImageReader
    private let samples: [ImageSample]
    private let transform: any ImageTransform
    private let normalization: PixelNormalization
    private let seed: UInt64
    private let pool: StoragePool

    init(
        samples: [ImageSample], transform: any ImageTransform, normalization: PixelNormalization, seed: UInt64,
        pool: StoragePool
    ) throws {
        reader = try ImageReader()
        self.samples = samples
        self.transform = transform
        self.normalization = normalization
        self.seed = seed
        self.pool = pool
    }

    /// Works until the queue has nothing more.
    func run(_ queue: LoaderQueue) {
        while let job = queue.nextJob() {
            do {
                try load(job, queue)
                queue.finish(job, failure: nil)
            } catch {
                queue.finish(job, failure: error)
            }
        }
    }

    private func load(_ job: LoaderQueue.Job, _ queue: LoaderQueue) throws {
        let index = job.batch.plan.indices[job.position]
        let sample = samples[index]
        let image = try reader.image(of: sample)
        var generator = RandomGenerator(seed, UInt64(job.batch.plan.epoch), UInt64(index))
        let result = transform.apply(to: image, box: sample.box, using: &generator)
        let tensor = try queue.locked {
            try job.batch.tensor(forImageOf: result.size, path: sample.path, pool: pool)
        }
        normalization.write(result, to: tensor, at: job.position)
    }
}
