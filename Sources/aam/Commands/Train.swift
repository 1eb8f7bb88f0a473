import ArgumentParser
import Collectives
import Foundation
import MPICollectives
import Models
import Reporting
import Training

struct Train: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "train",
        abstract: "Train a classifier on the ranks that mpirun starts, or alone.",
        discussion: """
            Options come from a recipe, then a configuration file, then the command line; later ones override earlier
            ones. The run folder gets config.toml (every option's value), metrics.csv, log.txt, and checkpoints with
            the links 'latest' and 'best'.

              mpirun -n 2 aam train --data CUB_200_2011 --output runs/cub --model resnet50 --epochs 100
              mpirun -n 4 aam train --config runs/cub/config.toml --resume auto
            """)

    @Option(help: "A TOML file with the options' long names as keys.", completion: .file()) var config: String?
    @Option(help: "A named set of values: paper.") var recipe: Recipe?
    @Option(
        help: """
            Where to start: auto (the run folder's newest usable checkpoint, or the beginning), a checkpoint, or never \
            (the beginning, even if the run folder has a run). Without it a run folder that has a run is refused.
            """, completion: .file())
    var resume: String?
    @Flag(help: "List layers, shapes, parameters and operations, and stop.") var printModel = false
    @OptionGroup var options: TrainOptions
    @OptionGroup(title: "Watch") var watching: WatchArguments
    @OptionGroup(title: "Output") var output: OutputArguments

    func run() throws {
        if printModel { return try printModelTable() }
        try OpenBLASKernels.chooseFastest(for: options.computing.backend)
        throw ExitCode(
            runWatchedJob(watching) { communicator, watch in
                let configuration = try communicator.agreeing("checking the options") {
                    try options.configuration(ranks: communicator.size)
                }
                let trace = options.run.trace.map { TraceRequest(path: $0, steps: options.run.traceSteps) }
                try TrainingJob(
                    configuration: configuration, resume: resume, trace: trace, console: output.console, watch: watch
                ).run(on: communicator)
            })
    }

    private func printModelTable() throws {
        let source = options.data.source
        let classes: Int
        if let folder = options.data.data {
            classes = try source.read(folder: folder, checkingImages: false).classNames.count
        } else if let official = source.dataset.officialCounts(level: source.level) {
            classes = official.classes
        } else {
            throw ValidationError(
                "--print-model counts the classes of --dataset \(source.dataset.rawValue) in --data: give it.")
        }
        let model = options.model.modelConfiguration(classes: classes)
        printLine(ModelTable(model, imageSize: options.data.imageSize).description)
    }
}

extension ResNet {
    /// As in `resnet18 with aam attention, 11.3 M parameters`.
    var title: String {
        let parameters = Double(parameters.reduce(0) { $0 + $1.shape.elementCount }) / 1e6
        return "\(configuration.title), " + String(format: "%.1f M parameters", parameters)
    }
}
