import Collectives
import Datasets
import Foundation
import Kernels
import Models
import Tensors
import Tracing

/// Classifies a list of images over all ranks, each image exactly once.
public struct Evaluator: Sendable {
    /// The list to classify.
    public let samples: [ImageSample]
    /// How the model sees an image.
    public let view: TrainingConfiguration.EvaluationView
    /// Side of the square that is cut out, in pixels; for `EvaluationView.center`.
    public let imageSize: Int
    /// Whether images are cut to their bounding boxes first.
    public let cropBoxes: Bool
    /// Images a rank classifies at a time. With the same number, any number of ranks computes the same, bit for bit.
    public let batchSize: Int
    /// Threads a rank decodes images with, at least 1.
    public let loaderThreads: Int
    /// Whether images that cannot be read are left out, and counted, instead of ending the evaluation.
    public let skipUnreadable: Bool
    /// Whether logits are the mean of those of the image and of its mirror image.
    public let flips: Bool
    /// The most probable classes that a prediction ranks, at least: five are.
    public let rankedCount: Int

    /// An evaluation of these samples; nothing is read yet.
    public init(
        samples: [ImageSample], view: TrainingConfiguration.EvaluationView, imageSize: Int, cropBoxes: Bool,
        batchSize: Int, loaderThreads: Int, skipUnreadable: Bool, flips: Bool = false,
        rankedCount: Int = 5
    ) {
        self.samples = samples
        self.view = view
        self.imageSize = imageSize
        self.cropBoxes = cropBoxes
        self.batchSize = batchSize
        self.loaderThreads = loaderThreads
        self.skipUnreadable = skipUnreadable
        self.flips = flips
        self.rankedCount = rankedCount
    }

    /// Starts loading this rank's images.
    /// - Throws: `ImageError`, `ThreadError`.
    func makeLoader(
        on communicator: any Communicator, recorder: SpanRecorder? = nil, pool: StoragePool
    ) throws -> BatchLoader {
        let (rank, ranks) = (communicator.rank, communicator.size)
        let preprocessing = Preprocessing(imageSize: imageSize, view: view, cropBoxes: cropBoxes)
        let plans: [BatchPlan]
        switch view {
        case .center:
            plans = EvaluationOrder.plans(count: samples.count, batchSize: batchSize, rank: rank, of: ranks)
        case .native:
            let native = NativeTransform(croppingToBox: cropBoxes)
            plans = EvaluationOrder.plans(
                sizes: try sizes(for: native, on: communicator), batchSize: batchSize, rank: rank, of: ranks)
        }
        return try BatchLoader(
            samples: samples, plans: plans, transform: preprocessing.transform, seed: 0, threads: loaderThreads,
            skippingUnreadable: skipUnreadable, recorder: recorder, pool: pool)
    }

    /// The sizes of all images, of which each rank reads its share.
    private func sizes(for transform: NativeTransform, on communicator: any Communicator) throws -> [ImageSize?] {
        let own = slice(of: samples.count, rank: communicator.rank, of: communicator.size)
        let read = try EvaluationOrder.sizes(
            of: samples, in: own, for: transform, skippingUnreadable: skipUnreadable)
        var all = [Int64](repeating: 0, count: 2 * samples.count)
        for (index, size) in zip(own, read) {
            (all[2 * index], all[2 * index + 1]) = (Int64(size?.width ?? 0), Int64(size?.height ?? 0))
        }
        try communicator.allreduce(&all, .sum)
        return samples.indices.map { index in
            all[2 * index] == 0 ? nil : ImageSize(width: Int(all[2 * index]), height: Int(all[2 * index + 1]))
        }
    }

    /// Every rank returns the result over all ranks, and rank 0 also all predictions in the list's order.
    ///
    /// - Parameters:
    ///   - model: classifies; its running statistics are used.
    ///   - communicator: the job's ranks, all of which must call this.
    ///   - skipped: is told each image of this rank that could not be read.
    ///   - progress: is told after each batch how many of all images are done, if the other ranks are as fast, and
    ///     the seconds since the start.
    ///   - stop: asks, after each batch, whether this rank has been told to stop.
    /// - Throws: the first unreadable image, unless they are skipped; `TrainingError.scoresNotFinite`; a failure of
    ///   communication; `JobInterruption` if any rank was told to stop.
    public func run(
        _ model: ResNet, on communicator: any Communicator, skipped: (SkippedImage) throws -> Void = { _ in },
        progress: (_ done: Int, _ seconds: Double) -> Void = { _, _ in }, stop: () -> StopSignal? = { nil }
    ) throws -> (result: EvaluationResult, predictions: [Prediction]) {
        let start = ContinuousClock.now
        let loader = try makeLoader(
            on: communicator, recorder: model.backend.recorder, pool: model.backend.pool)
        var own = PredictionList(rankedCount: max(5, rankedCount))
        var skippedCount: Int64 = 0
        var done = 0
        try model.inferring {
            while stop() == nil, let batch = try nextBatch(of: loader, model) {
                for image in batch.skipped { try skipped(image) }
                skippedCount += Int64(batch.skipped.count)
                if batch.count > 0 { own.add(try finiteLogits(of: batch, model), batch) }
                done += batch.count + batch.skipped.count
                progress(min(samples.count, done * communicator.size), (ContinuousClock.now - start) / .seconds(1))
            }
        }
        let signal = try communicator.allreduce(stop()?.rawValue ?? 0, .max)
        if let signal = StopSignal(rawValue: signal) { throw JobInterruption(signal, host: communicator.host) }
        // Sums over the list in its order are the same for any number of ranks.
        let all = try own.gathered(on: communicator)
        var result = try all.result(samples).broadcast(on: communicator)
        result.skipped = Int(try communicator.allreduce(skippedCount, .sum))
        result.seconds = (ContinuousClock.now - start) / .seconds(1)
        return (result, all.predictions)
    }

    private func nextBatch(of loader: BatchLoader, _ model: ResNet) throws -> ImageBatch? {
        try model.backend.recorder.span("wait for images", "data") { try loader.next() }
    }

    /// What is not a number has no rank among scores.
    private func finiteLogits(of batch: ImageBatch, _ model: ResNet) throws -> Tensor {
        let logits = try logits(of: batch, model)
        let classes = model.configuration.classes
        if let place = logits.elements.firstIndex(where: { !$0.isFinite }) {
            throw TrainingError.scoresNotFinite(image: samples[batch.indices[place / classes]].path)
        }
        return logits
    }

    private func logits(of batch: ImageBatch, _ model: ResNet) throws -> Tensor {
        let logits = try model.forward(batch.images, .inference)
        guard flips else { return logits }
        let mirrored = try model.forward(batch.mirroredImages(pool: model.backend.pool), .inference)
        return Tensor(zip(logits.elements, mirrored.elements).map { ($0 + $1) / 2 }, shape: logits.shape)
    }
}
