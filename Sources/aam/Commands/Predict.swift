import ArgumentParser
import Collectives
import Datasets
import Foundation
import MPICollectives
import Models
import Reporting
import Training
import Watching

extension ClassificationReport.Format: ExpressibleByArgument {}

struct Predict: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "predict",
        abstract: "Classify image files by a checkpoint, on all ranks that mpirun starts.",
        discussion: """
            Images are shown in the order in which they were named. Those that cannot be read are named on standard error, and \
            the exit code is then 1; all others are classified.

              aam predict --checkpoint runs/cub/best photo.jpg holiday/
              find . -name '*.jpg' | aam predict --checkpoint runs/cub/best -
              mpirun -n 4 aam predict --checkpoint runs/cub/best --format csv archive/
            """)

    @OptionGroup var images: ImageArguments
    @OptionGroup(title: "Model") var model: ModelArguments
    @Option(help: "The most probable classes to show of each image.") var topK = 5
    @Flag(help: "Classify each image by the mean of the scores of itself and of its mirror image.") var flip = false
    @Option(
        help: "Images a rank classifies at a time; with the same number the results do not depend on the ranks at all.")
    var batchSize = 16
    @Option(help: "A table for people, or comma-separated values or a JSON object a line for programs.")
    var format: ClassificationReport.Format = .table
    @Option(help: "A file to write instead of standard output.", completion: .file()) var output: String?
    @Flag(name: .shortAndLong, help: "Say nothing but the classes and what could not be read.") var quiet = false
    @OptionGroup(title: "Computing") var computing: ComputingOptions
    @OptionGroup(title: "Watch") var watching: WatchArguments

    func validate() throws {
        try require(topK > 0, "top-k", "at least 1", topK)
        try require(batchSize > 0, "batch-size", "at least 1", batchSize)
    }

    func run() throws {
        try OpenBLASKernels.chooseFastest(for: computing.backend)
        var unreadable = 0
        let code = runWatchedJob(watching) { unreadable = try predict(on: $0, $1) }
        throw ExitCode(code == 0 && unreadable > 0 ? 1 : code)
    }

    /// - Returns: how many inputs could not be read, on every rank.
    private func predict(on communicator: any Communicator, _ watch: JobWatch) throws -> Int {
        let messages = StandardError(on: communicator, isQuiet: quiet)
        let threads = try communicator.computeThreads(requested: computing.threads, warn: messages.warning)
        let (trained, preprocessing) = try communicator.agreeing("reading the checkpoint") {
            try model.load(batchSize: batchSize, backend: computing.makeBackend(threads: threads))
        }
        trained.model.backend.recorder = watch.recorder
        let (classNames, warnings) = try communicator.agreeing("reading the classes' names") {
            try model.classNames(of: trained)
        }
        for warning in warnings { messages.warningOfJob(warning) }
        let inputs = try images.read(on: communicator)
        try communicator.agreeing("opening \(output ?? "")") {
            if communicator.rank == 0, let output { try ClassificationReport.checkWritable(output) }
        }

        let samples = inputs.filter { $0.problem == nil }.enumerated().map { index, input in
            ImageSample(
                path: input.path, relativePath: input.path, label: ImageSample.unknownLabel, officialID: index + 1)
        }
        let evaluator = Evaluator(
            samples: samples, view: preprocessing.view, imageSize: preprocessing.imageSize, cropBoxes: false,
            batchSize: batchSize, loaderThreads: computing.loaderThreads, skipUnreadable: true, flips: flip,
            rankedCount: topK)
        let console = Console(quiet ? .quiet : .normal)
        var skipped: [SkippedImage] = []
        let (result, predictions) = try evaluator.run(
            trained.model, on: communicator, skipped: { skipped.append($0) },
            progress: { done, seconds in
                guard communicator.rank == 0 else { return }
                console.show(ProgressLine.images(phase: "classify", done, of: samples.count, seconds))
            }, stop: { watch.stop })
        let failures = try gather(skipped, on: communicator)
        if communicator.rank == 0 {
            console.clear()
            try write(inputs, predictions, failures, classNames, messages)
            let images = result.count == 1 ? "image" : "images"
            messages.note(String(format: "%d \(images) classified in %.1f s", result.count, result.seconds))
        }
        return inputs.count - result.count
    }

    /// Why images could not be read, by their places in the evaluated list, on rank 0.
    private func gather(_ skipped: [SkippedImage], on communicator: any Communicator) throws -> [Int: String] {
        let indices = try communicator.gather(skipped.map { Int64($0.index) }, to: 0)
        let reasons = String(decoding: try JSONEncoder().encode(skipped.map { "\($0.error)" }), as: UTF8.self)
        let texts = try communicator.gather(reasons, to: 0)
        var failures: [Int: String] = [:]
        for (indices, text) in zip(indices, texts) {
            let reasons = try JSONDecoder().decode([String].self, from: Data(text.utf8))
            for (index, reason) in zip(indices, reasons) { failures[Int(index)] = reason }
        }
        return failures
    }

    private func write(
        _ inputs: [ImageInput], _ predictions: [Prediction], _ failures: [Int: String], _ classNames: [String],
        _ messages: StandardError
    ) throws {
        var report = ClassificationReport(classNames: classNames, topCount: topK)
        let byIndex = Dictionary(uniqueKeysWithValues: predictions.map { ($0.index, $0) })
        var index = 0
        var unreadable = 0
        for input in inputs {
            let prediction = input.problem == nil ? byIndex[index] : nil
            if let prediction {
                report.add(path: input.path, .classified(prediction))
            } else {
                let reason = input.problem ?? failures[index] ?? "\(input.path): cannot be read"
                messages.warningOfJob(reason)
                report.add(path: input.path, .failed(reason))
                unreadable += 1
            }
            if input.problem == nil { index += 1 }
        }
        if let output {
            try report.write(format, to: output)
        } else {
            FileHandle.standardOutput.write(Data(report.text(format).utf8))
        }
        if unreadable > 0 { messages.warningOfJob("\(unreadable) of \(inputs.count) could not be read") }
    }
}
