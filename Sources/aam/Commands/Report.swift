import ArgumentParser
import Collectives
import Datasets
import Foundation
import HTMLReport
import MPICollectives
import Reporting
import Training

struct Report: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "report",
        abstract: "Write one HTML file of one or several runs.",
        discussion: """
            Curves of the runs over each other, what differs in their options, where their steps' time went, hosts and \
            versions. With the runs' data at hand, their best checkpoints are evaluated, on all ranks that mpirun starts: \
            accuracy of each class, confusion matrix, confused classes with pictures, the worst errors and where the model \
            looked. RUN/report keeps that for later reports. The file needs no network.

              aam report runs/cub
              mpirun -n 4 aam report runs/none runs/aam --output attention.html
            """)

    @Argument(help: "Folders of runs.") var runs: [String]
    @Option(name: .shortAndLong, help: "The HTML file.") var output = "report.html"
    @Option(help: "The data set's folder. (default: as in training)") var data: String?
    @Option(help: "Which images. (default: those that the run validated on)") var split: DatasetSplit?
    @Flag(inversion: .prefixedNo, help: "Evaluate the runs' checkpoints, unless that was done before.")
    var evaluate = true
    @Option(help: "Pairs of confused classes to show.") var pairs = ReportPage.Limits().pairs
    @Option(help: "Pictures of each of their classes.") var pairImages = ReportPage.Limits().pairImages
    @Option(help: "Errors to show.") var errors = ReportPage.Limits().errors
    @Option(help: "Longer side of the pictures in pixels.") var pictureSize = 160
    @Option(help: "Points of a curve, of which longer ones keep the extremes.") var points = ReportPage.Limits().points
    @Option(help: "Images a rank classifies at a time.") var batchSize = 16
    @OptionGroup(title: "Computing") var computing: ComputingOptions
    @OptionGroup(title: "Watch") var watching: WatchArguments
    @OptionGroup(title: "Output") var outputting: OutputArguments

    func validate() throws {
        try require(batchSize > 0, "batch-size", "at least 1", batchSize)
        try require(pairs >= 0, "pairs", "at least 0", pairs)
        try require(pairImages > 0, "pair-images", "at least 1", pairImages)
        try require(errors >= 0, "errors", "at least 0", errors)
        try require(pictureSize >= 16 && pictureSize <= 1024, "picture-size", "16 to 1024", pictureSize)
        try require(points >= 10, "points", "at least 10", points)
    }

    func run() throws {
        try OpenBLASKernels.chooseFastest(for: computing.backend)
        throw ExitCode(
            runWatchedJob(watching) { communicator, watch in
                var recorded = try communicator.agreeing("reading the runs") {
                    try checkOutput(on: communicator)
                    return try RecordedRun.read(runs)
                }
                if evaluate {
                    let warnings = WarningReporter(rank: communicator.rank)
                    let threads = try communicator.computeThreads(
                        requested: computing.threads, warn: warnings.warning)
                    let job = ReportJob(
                        data: data, split: split, batchSize: batchSize, pictureSize: pictureSize, limits: limits,
                        computing: computing, threads: threads, console: outputting.console, watch: watch)
                    for index in recorded.indices { try job.complete(&recorded[index], on: communicator) }
                }
                try communicator.agreeing("writing the report") {
                    if communicator.rank == 0 { try write(recorded) }
                }
            })
    }

    private var limits: ReportPage.Limits {
        var limits = ReportPage.Limits()
        (limits.points, limits.pairs, limits.pairImages, limits.errors) = (points, pairs, pairImages, errors)
        return limits
    }

    /// Before the work rather than after it.
    private func checkOutput(on communicator: any Communicator) throws {
        if communicator.rank == 0 { try checkWritable(output) }
    }

    private func write(_ runs: [RecordedRun]) throws {
        let text = ReportPage(runs, limits: limits, version: AAM.configuration.version).text
        try replaceText(output, with: text)
        let console = outputting.console
        for run in runs { if let missing = run.missing { console.write(.warning("not evaluated: \(missing)")) } }
        let size = Double(text.utf8.count) / 1_000_000
        console.write(
            .note("\(output): \(runs.count) run\(runs.count == 1 ? "" : "s"), \(String(format: "%.1f", size)) MB"))
    }
}
