import Collectives
import Datasets
import Foundation
import Kernels
import Models
import Tensors

/// Classifies a list of images over all ranks, each image exactly once.
public struct Evaluator: Sendable {
    public let samples: [ImageSample]
    public let view: TrainingConfiguration.EvaluationView
    public let imageSize: Int
    public let cropBoxes: Bool
    /// Images a rank classifies at a time.
    public let batchSize: Int
    public let loaderThreads: Int
    public let skipUnreadable: Bool

    public init(
        samples: [ImageSample], view: TrainingConfiguration.EvaluationView, imageSize: Int, cropBoxes: Bool,
        batchSize: Int, loaderThreads: Int, skipUnreadable: Bool
    ) {
        self.samples = samples
        self.view = view
        self.imageSize = imageSize
        self.cropBoxes = cropBoxes
        self.batchSize = batchSize
        self.loaderThreads = loaderThreads
        self.skipUnreadable = skipUnreadable
    }

    /// Starts loading this rank's images.
    /// - Throws: `ImageError`, `ThreadError`.
    func makeLoader(on communicator: any Communicator, pool: StoragePool) throws -> BatchLoader {
        let (rank, ranks) = (communicator.rank, communicator.size)
        let transform: any ImageTransform
        let plans: [BatchPlan]
        switch view {
        case .center:
            transform = EvaluationTransform(imageSize: imageSize, croppingToBox: cropBoxes)
            plans = EvaluationOrder.plans(count: samples.count, batchSize: batchSize, rank: rank, of: ranks)
        case .native:
            let native = NativeTransform(croppingToBox: cropBoxes)
            transform = native
            plans = try EvaluationOrder.plans(
                grouping: samples, for: native, batchSize: batchSize, rank: rank, of: ranks,
                skippingUnreadable: skipUnreadable)
        }
        return try BatchLoader(
            samples: samples, plans: plans, transform: transform, seed: 0, threads: loaderThreads,
            skippingUnreadable: skipUnreadable, pool: pool)
    }

    /// Every rank returns the sums over all ranks, and rank 0 also all predictions in the list's order.
    ///
    /// - Parameter skipped: is told each image of this rank that could not be read.
    /// - Throws: the first unreadable image, unless they are skipped; a failure of communication.
    public func run(
        _ model: ResNet, on communicator: any Communicator, skipped: (SkippedImage) throws -> Void = { _ in }
    ) throws -> (result: EvaluationResult, predictions: [Prediction]) {
        let start = ContinuousClock.now
        let loader = try makeLoader(on: communicator, pool: model.backend.pool)
        var local = EvaluationResult()
        var predictions: [Prediction] = []
        func classify(_ batch: ImageBatch) throws {
            try batch.skipped.forEach(skipped)
            local.skipped += batch.skipped.count
            guard batch.count > 0 else { return }
            let logits = try model.forward(batch.images, .inference)
            local.lossSum += SoftmaxCrossEntropy.losses(logits, labels: batch.labels).reduce(0, +)
            for (row, probabilities) in SoftmaxCrossEntropy.probabilities(logits).enumerated() {
                let prediction = Prediction(index: batch.indices[row], classProbabilities: probabilities)
                local.count += 1
                if prediction.ranking[0] == batch.labels[row] { local.top1Count += 1 }
                if prediction.ranking.contains(Int(batch.labels[row])) { local.top5Count += 1 }
                predictions.append(prediction)
            }
        }
        try model.inferring {
            while let batch = try loader.next() { try classify(batch) }
        }
        var result = try local.summed(over: communicator)
        result.seconds = (ContinuousClock.now - start) / .seconds(1)
        return (result, try gather(predictions, on: communicator))
    }

    private func gather(_ predictions: [Prediction], on communicator: any Communicator) throws -> [Prediction] {
        let indices = try communicator.gather(predictions.map { Int64($0.index) }, to: 0)
        let rankings = try communicator.gather(predictions.flatMap { $0.ranking.map(Int64.init) }, to: 0)
        let probabilities = try communicator.gather(predictions.flatMap(\.probabilities), to: 0)
        var all: [Prediction] = []
        for (rank, indices) in indices.enumerated() where !indices.isEmpty {
            let width = rankings[rank].count / indices.count
            for (row, index) in indices.enumerated() {
                let range = row * width..<(row + 1) * width
                all.append(
                    Prediction(
                        index: Int(index), ranking: rankings[rank][range].map(Int.init),
                        probabilities: Array(probabilities[rank][range])))
            }
        }
        return all.sorted { $0.index < $1.index }
    }
}

extension EvaluationResult {
    func summed(over communicator: any Communicator) throws -> EvaluationResult {
        var counts = [count, top1Count, top5Count, skipped].map(Int64.init)
        try communicator.allreduce(&counts, .sum)
        var result = self
        result.count = Int(counts[0])
        result.top1Count = Int(counts[1])
        result.top5Count = Int(counts[2])
        result.skipped = Int(counts[3])
        result.lossSum = try communicator.allreduce(lossSum, .sum)
        return result
    }
}
