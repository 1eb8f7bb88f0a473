import Tensors
import Tracing

/// Turns one sample into normalised pixels: read, decode, transform. One thread uses a loader at a time.
final class ImageLoader: @unchecked Sendable {
    private let reader: ImageReader
    private let samples: [ImageSample]
    private let transform: any ImageTransform
    private let normalization: PixelNormalization
    private let seed: UInt64
    private let pool: StoragePool
    private let mixing: ImageMixing?
    private let skipsUnreadable: Bool
    private let recorder: SpanRecorder?

    /// - Parameters:
    ///   - skipsUnreadable: leave an image as it is that would be mixed with one that cannot be read.
    ///   - recorder: knows what is being read.
    init(
        samples: [ImageSample], transform: any ImageTransform, normalization: PixelNormalization, seed: UInt64,
        mixing: ImageMixing?, skipsUnreadable: Bool, recorder: SpanRecorder?, pool: StoragePool
    ) throws {
        self.recorder = recorder
        reader = try ImageReader()
        self.samples = samples
        self.transform = transform
        self.normalization = normalization
        self.seed = seed
        self.mixing = mixing
        self.skipsUnreadable = skipsUnreadable
        self.pool = pool
    }

    /// Works until the queue has nothing more.
    func run(_ queue: LoaderQueue) {
        while let job = queue.nextJob() {
            do {
                queue.finish(job, mix: try load(job, queue))
            } catch {
                queue.finish(job, failure: error)
            }
        }
    }

    private func load(_ job: LoaderQueue.Job, _ queue: LoaderQueue) throws -> LabelMix? {
        let index = job.batch.plan.indices[job.position]
        let epoch = UInt64(job.batch.plan.epoch)
        let sample = samples[index]
        var generator = RandomGenerator(seed, epoch, UInt64(index))
        let view = try view(of: sample, using: &generator)
        let tensor = try queue.locked {
            try job.batch.tensor(forImageOf: view.image.size, path: sample.path, pool: pool)
        }
        write(view, to: tensor, at: job.position)
        guard let mix = mixing?.draw(count: samples.count, size: view.image.size, using: &generator) else { return nil }
        // Cut in its own way for this pair.
        var ofOther = RandomGenerator(seed, epoch, UInt64(index), UInt64(mix.other))
        let other: View
        do {
            other = try self.view(of: samples[mix.other], using: &ofOther)
        } catch  where skipsUnreadable {
            return nil
        }
        guard other.image.size == view.image.size else {
            preconditionFailure("images are mixed by a transform to one size")
        }
        let scratch = Tensor([1, 3, view.image.height, view.image.width], pool: pool)
        write(other, to: scratch, at: 0)
        mix.apply(scratch, to: tensor, at: job.position)
        return LabelMix(other: Int32(samples[mix.other].label), weight: mix.weight)
    }

    /// A transformed image, and what is erased of it.
    private struct View {
        let image: RGBImage
        let erased: PixelRect?
    }

    private func view(of sample: ImageSample, using generator: inout RandomGenerator) throws -> View {
        // Several threads read at a time, which a trace has no room for.
        let key = recorder?.begin("read \(sample.path)", "data", on: .loading)
        defer { if let key { recorder?.end(key, isRecorded: false) } }
        let image = try reader.image(of: sample)
        let result = transform.apply(to: image, box: sample.box, using: &generator)
        return View(image: result, erased: transform.erasedRegion(ofImageOf: result.size, using: &generator))
    }

    private func write(_ view: View, to tensor: Tensor, at position: Int) {
        normalization.write(view.image, to: tensor, at: position)
        if let region = view.erased { normalization.erase(region, of: tensor, at: position) }
    }
}
