import ArgumentParser
import Benchmarking
import Collectives
import Foundation
import MPICollectives
import Training

struct BenchmarkCheckpoint: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "checkpoint",
        abstract: "Time checkpoints: the stall of training beside a copy in memory, the write beside a plain one.",
        discussion: """
            A checkpoint is first read back and compared bit for bit.

              aam benchmark checkpoint --model resnet50 --output /runs --steps 3
            """)

    @OptionGroup(title: "Model") var model: ModelOptions
    @Option(help: "Classes.") var classes = 200
    @Option(
        help: "A folder on the disk to measure. What is written there is removed. (default: the temporary one)",
        completion: .directory)
    var output: String?
    @Option(help: "Measured checkpoints, of which the median counts.") var repetitions = 5
    @Option(help: "Training steps to compare the stall with; 0 for none.") var steps = 0
    @Option(help: "Images of such a step.") var batchSizePerRank = 16
    @Option(help: "Side of these images.") var imageSize = 224
    @OptionGroup(title: "Computing") var computing: ComputingOptions
    @Option(help: "Write the figures as JSON.", completion: .file()) var json: String?

    func validate() throws {
        try require(classes > 1, "classes", "at least 2", classes)
        try require(repetitions > 0, "repetitions", "at least 1", repetitions)
        try require(steps >= 0, "steps", "at least 0", steps)
        try require(batchSizePerRank > 0, "batch-size-per-rank", "at least 1", batchSizePerRank)
        try requireImageSize(imageSize)
    }

    func run() throws {
        try OpenBLASKernels.chooseFastest(for: computing.backend)
        throw ExitCode(runJob(measure))
    }

    private func measure(on communicator: any Communicator) throws {
        let threads = try communicator.computeThreads(requested: computing.threads)
        // Only rank 0 writes checkpoints.
        guard communicator.rank == 0 else { return }
        let folder = try TemporaryFolder(in: output)
        let benchmark = try CheckpointBenchmark(
            StepBenchmark(
                model.modelConfiguration(classes: classes), batchPerRank: batchSizePerRank,
                imageSize: imageSize, communication: .standard),
            backend: computing.makeBackend(threads: threads),
            folder: folder.path)
        try benchmark.figures(repetitions: repetitions, steps: steps).report(json: json)
    }
}
