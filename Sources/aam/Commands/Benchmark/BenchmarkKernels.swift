import ArgumentParser
import Benchmarking
import Collectives
import MPICollectives
import Models
import Tensors
import Training

struct BenchmarkKernels: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "kernels",
        abstract: "Time every kernel of a model's training step, beside a matrix product or the memory's bandwidth.",
        discussion: """
            Results are compared with the reference kernels' before they are timed.

              taskset -c 0 aam benchmark kernels --model resnet50
              taskset -c 0 aam benchmark kernels --only "attention"
            """)

    @OptionGroup(title: "Model") var model: ModelOptions
    @Option(help: "Images in a batch.") var batchSizePerRank = 16
    @Option(help: "Side of the images.") var imageSize = 224
    @Option(help: "Only kernels whose names contain this text, as in: attention.") var only = ""
    @Option(help: "Runs of each kernel, of which the median counts.") var repetitions = 5
    @OptionGroup(title: "Computing") var computing: ComputingOptions
    @Option(help: "Write the figures as JSON.", completion: .file()) var json: String?

    func validate() throws {
        try require(batchSizePerRank > 0, "batch-size-per-rank", "at least 1", batchSizePerRank)
        try requireImageSize(imageSize)
        try require(repetitions > 0, "repetitions", "at least 1", repetitions)
    }

    func run() throws {
        try OpenBLASKernels.chooseFastest(for: .openblas)
        throw ExitCode(runJob(measure))
    }

    private func measure(on communicator: any Communicator) throws {
        let threads = try communicator.computeThreads(requested: computing.threads)
        var generator = RandomGenerator(0)
        let network = ResNet(
            model.modelConfiguration(classes: 2), input: [batchSizePerRank, 3, imageSize, imageSize],
            backend: computing.makeBackend(threads: threads),
            generator: &generator)
        let benchmark = KernelBenchmark(network, named: only)
        try benchmark.check()
        let figures = benchmark.figures(repetitions: repetitions)
        if communicator.rank == 0 { try figures.report(json: json) }
    }
}
