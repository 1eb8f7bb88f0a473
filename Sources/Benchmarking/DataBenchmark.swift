import Collectives
import Datasets
import Foundation
import Kernels
import Tensors
import Training

/// Loading a training set's images: reading, decoding, cutting and resizing, as training does it.
public struct DataBenchmark {
    private let samples: [ImageSample]
    private let imageSize: Int
    private let threads: Int
    private let communicator: any Communicator
    /// This rank's share of one pass over the images.
    private let plans: [BatchPlan]

    /// - Parameters:
    ///   - limit: images at most that each pass loads, over all ranks.
    ///   - batchPerRank: images of a batch on each rank.
    ///   - threads: that load, on each rank.
    /// - Throws: `BenchmarkError.loadsDiffer` unless two loads of a batch agree bit for bit; what loading throws.
    public init(
        _ samples: [ImageSample], limit: Int, batchPerRank: Int, imageSize: Int, threads: Int,
        on communicator: any Communicator
    ) throws {
        self.samples = samples
        self.imageSize = imageSize
        self.threads = threads
        self.communicator = communicator
        let global = min(batchPerRank * communicator.size, samples.count)
        let all = EpochOrder(count: samples.count, batchSize: global, seed: 0)
            .plans(epoch: 0, rank: communicator.rank, of: communicator.size)
        plans = Array(all.prefix(max(1, limit / global)))
        try check()
    }

    /// Images of a pass over all ranks.
    private var imageCount: Int { plans.reduce(0) { $0 + $1.globalCount } }

    /// Medians over `repetitions` passes of the loader, of the decoder alone and of reading alone, which take turns.
    public func figures(repetitions: Int) throws -> [Figure] {
        let paths = plans.flatMap(\.indices).map { samples[$0].path }
        let files = try ImageFiles(paths)
        var (loads, decodes, reads): ([Double], [Double], [Double]) = ([], [], [])
        for _ in 0..<repetitions {
            loads.append(try communicator.slowest { try load(plans) { _ in } })
            decodes.append(try communicator.slowest { try files.decode(threads: threads) })
            reads.append(try communicator.slowest { _ = try ImageFiles(paths) })
        }
        let count = Double(imageCount)
        let loading = count / median(loads)
        return [
            Figure("loading", loading, "images/s", limit: count / median(decodes), limitName: "JPEG decoding alone"),
            Figure("loading", loading, "images/s", limit: count / median(reads), limitName: "reading the files alone"),
        ]
    }

    /// Trains a model on loaded batches, and tells what part of a step ranks wait for images, in the mean.
    /// - Parameter steps: measured, at least 1.
    public func dataWait(_ benchmark: StepBenchmark, backend: any Backend, steps: Int) throws -> Figure {
        precondition(steps > 0, "a mean of no steps")
        let step = try TrainingStep(benchmark, communicator, backend)
        // The first step makes kernels and is left out.
        let cycle = (0...steps).map { plans[$0 % plans.count] }
        let loader = try makeLoader(cycle, threads: threads, pool: backend.pool)
        var sums = [0.0, 0.0]
        for number in cycle.indices {
            let waited = loader.waitSeconds
            let seconds = try seconds {
                guard let batch = try loader.next() else { return }
                _ = try step.run(batch.images, labels: batch.labels)
            }
            if number > 0 { sums = [sums[0] + loader.waitSeconds - waited, sums[1] + seconds] }
        }
        try communicator.allreduce(&sums, .sum)
        return Figure("data wait", 100 * sums[0] / sums[1], "% of a training step")
    }

    private func check() throws {
        var loads: [(pixels: [Float], labels: [Int32])] = []
        for threads in [1, threads] {
            try load([plans[0]], threads: threads) { loads.append(($0.images.elements, $0.labels)) }
        }
        let same =
            loads[0].labels == loads[1].labels
            && loads[0].pixels.elementsEqual(loads[1].pixels) {
                $0.bitPattern == $1.bitPattern
            }
        guard same else { throw BenchmarkError.loadsDiffer }
    }

    private func load(_ plans: [BatchPlan], threads: Int? = nil, _ body: (ImageBatch) -> Void) throws {
        let loader = try makeLoader(plans, threads: threads ?? self.threads, pool: StoragePool())
        while let batch = try loader.next() { body(batch) }
    }

    private func makeLoader(_ plans: [BatchPlan], threads: Int, pool: StoragePool) throws -> BatchLoader {
        try BatchLoader(
            samples: samples, plans: plans, transform: TrainingTransform(imageSize: imageSize, scale: 0.25...1),
            seed: 0,
            threads: threads, pool: pool)
    }
}
