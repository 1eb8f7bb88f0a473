import ArgumentParser
import Benchmarking
import Collectives
import Datasets
import Foundation
import MPICollectives
import Training

struct BenchmarkData: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "data",
        abstract: "Time the loading of training images, beside JPEG decoding alone and reading the files alone.",
        discussion: """
            Without --data it loads a small data set that it makes and removes. Two loads of a batch are first compared
            bit for bit.

              aam benchmark data --data CUB_200_2011 --loader-threads 2
              mpirun -n 2 aam benchmark data --data CUB_200_2011 --model resnet50 --steps 5
            """)

    @OptionGroup var source: DatasetArguments
    @Option(help: "The data set's folder.", completion: .directory) var data: String?
    @Option(help: "Side of the images that are cut out.") var imageSize = 224
    @Option(help: "Images of a batch on each rank.") var batchSizePerRank = 16
    @Option(help: "Images at most that are loaded each time, over all ranks.") var images = 256
    @Option(help: "Measured passes, of which the median counts.") var repetitions = 5
    @Option(help: "Training steps of the model with these images, to tell how long it waits for them; 0 for none.")
    var steps = 0
    @OptionGroup(title: "Model") var model: ModelOptions
    @OptionGroup(title: "Computing") var computing: ComputingOptions
    @Option(help: "Write the figures as JSON.", completion: .file()) var json: String?

    func validate() throws {
        try requireImageSize(imageSize)
        try require(batchSizePerRank > 0, "batch-size-per-rank", "at least 1", batchSizePerRank)
        try require(images > 0, "images", "at least 1", images)
        try require(repetitions > 0, "repetitions", "at least 1", repetitions)
        try require(steps >= 0, "steps", "at least 0", steps)
    }

    func run() throws {
        try OpenBLASKernels.chooseFastest(for: computing.backend)
        throw ExitCode(runJob(measure))
    }

    private func measure(on communicator: any Communicator) throws {
        let threads = try communicator.computeThreads(requested: computing.threads)
        let made = try communicator.agreeing("making a data set") {
            data == nil && communicator.rank == 0 ? try SyntheticFolder() : nil
        }
        let folder = try communicator.broadcast(data ?? made?.path ?? "", from: 0)
        let dataset = try communicator.agreeing("reading the data set") {
            let dataset = try (data == nil ? DatasetFormat.cub.read(folder: folder) : source.read(folder: folder))
            guard dataset.train.count >= communicator.size else {
                throw TrainingError.noTrainingImages(dataset: dataset.name, data: folder)
            }
            return dataset
        }
        let benchmark = try DataBenchmark(
            dataset.train, limit: images, batchPerRank: batchSizePerRank, imageSize: imageSize,
            threads: computing.loaderThreads, on: communicator)
        var figures = try benchmark.figures(repetitions: repetitions)
        if steps > 0 {
            let step = StepBenchmark(
                model.modelConfiguration(classes: dataset.classNames.count), batchPerRank: batchSizePerRank,
                imageSize: imageSize, communication: .standard)
            figures.append(
                try benchmark.dataWait(
                    step, backend: computing.makeBackend(threads: threads),
                    steps: steps))
        }
        if communicator.rank == 0 { try figures.report(json: json) }
        // The images are there until the last rank is done.
        try communicator.barrier()
        withExtendedLifetime(made) {}
    }
}

/// A small synthetic data set of images about as large as CUB's.
private final class SyntheticFolder {
    private let folder: TemporaryFolder
    var path: String { "\(folder.path)/birds" }

    init() throws {
        folder = try TemporaryFolder(in: nil)
        try SyntheticDataset(classes: 4, trainImagesPerClass: 16, testImagesPerClass: 0, imageSize: 420).write(to: path)
    }
}
