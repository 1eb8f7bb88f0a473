import ArgumentParser
import Benchmarking
import Collectives
import Foundation
import MPICollectives
import Models
import Reporting
import Training

struct BenchmarkStep: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "step",
        abstract: "Time training steps and inference on a batch in memory, beside the convolutions alone.",
        discussion: """
            The result is checked before it is timed.

              taskset -c 0 aam benchmark step --model resnet50
              mpirun -n 2 aam benchmark step --model resnet50 --json step.json
            """)

    @OptionGroup(title: "Model") var model: ModelOptions
    @Option(help: "Classes.") var classes = 200
    @Option(help: "Images a step on each rank.") var batchSizePerRank = 16
    @Option(help: "Side of the images.") var imageSize = 224
    @Option(help: "Measured steps, of which the median counts.") var repetitions = 5
    @OptionGroup(title: "Computing") var computing: ComputingOptions
    @OptionGroup(title: "Communication") var communication: CommunicationArguments
    @Option(help: "Write the figures as JSON.", completion: .file()) var json: String?
    @Option(help: "Write rank 0's weights, batch and first losses (safetensors), for another program to do the same.")
    var problem: String?
    @Option(help: "Write what `aam plan` predicts larger jobs from.") var profile: String?
    @Flag(help: "After the check, repeat training steps and print the seconds of each, until killed.")
    var endless = false
    @Flag(help: "With --endless: inferences instead of training steps.") var inference = false

    func validate() throws {
        try require(classes > 1, "classes", "at least 2", classes)
        try require(batchSizePerRank > 0, "batch-size-per-rank", "at least 1", batchSizePerRank)
        try requireImageSize(imageSize)
        try require(repetitions > 0, "repetitions", "at least 1", repetitions)
    }

    func run() throws {
        try OpenBLASKernels.chooseFastest(for: computing.backend)
        throw ExitCode(runJob(measure))
    }

    private func measure(on communicator: any Communicator) throws {
        let benchmark = StepBenchmark(
            model.modelConfiguration(classes: classes), batchPerRank: batchSizePerRank, imageSize: imageSize,
            communication: communication.options)
        let threads = try communicator.computeThreads(requested: computing.threads)
        let bench = try benchmark.prepare(
            on: communicator,
            backend: computing.makeBackend(threads: threads),
            keepsProblem: problem != nil && communicator.rank == 0)
        if let problem { try bench.problem?.write(problem) }
        if endless {
            func forever(_ timed: () throws -> Double) throws {
                while true {
                    let seconds = try timed()
                    if communicator.rank == 0 { printLine(String(seconds)) }
                }
            }
            try inference ? bench.inferring { try forever(bench.timedInference) } : forever(bench.timedStep)
        }
        let figures = try bench.figures(repetitions: repetitions)
        if communicator.rank == 0 { try figures.report(json: json) }
        guard let profile else { return }
        let nodes = (communicator as? MPICommunicator)?.nodes ?? [[0]]
        let measured = try ProfileBenchmark(
            benchmark, on: communicator, backend: computing.makeBackend(threads: threads), nodes: nodes,
            processors: communicator.processorsPerRank()
        ).profile(repetitions: repetitions)
        if communicator.rank == 0 { try replaceText(profile, with: measured.json) }
    }
}
