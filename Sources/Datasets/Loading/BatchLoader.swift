import Foundation
import Tensors
import Tracing

/// Loads batches on background threads, ahead of the consumer and in the order of the plans.
///
/// The threads share the work image by image, so the first batch is ready soon. What a batch contains depends on the
/// samples, its plan, the transform and the seed alone: not on threads, timing or rank. Plans may run over epochs, and
/// loaders may exist side by side. One thread consumes.
public final class BatchLoader {
    private let samples: [ImageSample]
    private let transform: any ImageTransform
    private let skipsUnreadable: Bool
    private let pool: StoragePool
    private let queue: LoaderQueue
    private var threads: [WorkerThread] = []
    private var failure: (any Error)?

    /// Seconds that `next()` waited for images.
    public private(set) var waitSeconds = 0.0
    /// Images left out so far because they could not be read.
    public private(set) var skippedCount = 0

    /// Starts loading.
    ///
    /// - Parameters:
    ///   - samples: the list that the plans' indices refer to.
    ///   - plans: the batches in order; several epochs, or the rest of one, as one likes.
    ///   - transform: what is made of each image.
    ///   - seed: an image's transform draws from `RandomGenerator(seed, epoch, index)`.
    ///   - threads: at least 1.
    ///   - depth: batches, at least 1, that are loaded ahead of the one the consumer took last.
    ///   - mixing: mixes images with others of the list; for a transform to one size.
    ///   - skippingUnreadable: leave out images that cannot be read instead of throwing.
    ///   - normalization: of the pixels.
    ///   - recorder: knows what is being read.
    ///   - pool: where the batches' tensors come from and return to.
    /// - Throws: `ThreadError`, `ImageError.codec`.
    public init(
        samples: [ImageSample], plans: [BatchPlan], transform: any ImageTransform, seed: UInt64, threads: Int = 1,
        depth: Int = 2, mixing: ImageMixing? = nil, skippingUnreadable: Bool = false,
        normalization: PixelNormalization = .imageNet, recorder: SpanRecorder? = nil, pool: StoragePool = StoragePool()
    ) throws {
        precondition(
            threads > 0 && depth > 0, "a loader needs a thread and a batch: \(threads) threads, depth \(depth)")
        precondition(mixing == nil || transform.outputSize != nil, "images are mixed by a transform to one size")
        self.samples = samples
        self.transform = transform
        self.pool = pool
        skipsUnreadable = skippingUnreadable
        queue = LoaderQueue(plans: plans, depth: depth)
        do {
            for _ in 0..<threads {
                let loader = try ImageLoader(
                    samples: samples, transform: transform, normalization: normalization, seed: seed, mixing: mixing,
                    skipsUnreadable: skippingUnreadable, recorder: recorder, pool: pool)
                self.threads.append(try WorkerThread(to: "load images") { [queue] in loader.run(queue) })
            }
        } catch {
            cancel()
            throw error
        }
    }

    deinit { cancel() }

    /// The next batch, waiting for it if necessary; nil after the last one and after `cancel()`.
    ///
    /// - Throws: the error of the batch's first unreadable image, unless those are skipped. Loading ends there: later
    ///   calls throw the same error.
    public func next() throws -> ImageBatch? {
        if let failure { throw failure }
        let isReady = queue.isNextReady
        let start = ContinuousClock.now
        let batch = queue.nextBatch()
        if !isReady { waitSeconds += (ContinuousClock.now - start) / .seconds(1) }
        guard let batch else { return nil }
        if let error = batch.firstFailure, !skipsUnreadable || !isSkippable(error) {
            failure = error
            cancel()
            throw error
        }
        let finished = batch.finished(samples: samples, emptySize: transform.outputSize, pool: pool)
        skippedCount += finished.skipped.count
        return finished
    }

    /// Ends loading; returns when the threads have finished the images they are at.
    public func cancel() {
        queue.cancel()
        for thread in threads { thread.join() }
    }

    /// A wrong plan is not the image's fault.
    private func isSkippable(_ error: any Error) -> Bool {
        if case ImageError.unequalSizes = error { return false }
        return true
    }
}
