import ArgumentParser
import Collectives
import Datasets
import Foundation
import MPICollectives
import Models
import Reporting
import Tensors
import Training
import Watching

struct Evaluate: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "evaluate",
        abstract: "Evaluate a checkpoint on the ranks that mpirun starts, each image exactly once.",
        discussion: """
              mpirun -n 2 aam evaluate --checkpoint runs/cub/best --data CUB_200_2011 --predictions predictions.csv
              mpirun -n 2 aam evaluate --checkpoint runs/cub/best --data CUB_200_2011 --flip --details runs/cub/details
            """)

    @Option(help: "A checkpoint, or a run folder for its latest one.", completion: .directory) var checkpoint: String
    @Flag(help: "Take the weights' moving average, of a run with --ema.") var ema = false
    @OptionGroup var source: DatasetArguments
    @Option(help: "The data set's folder.", completion: .directory) var data: String
    @Option(help: "Which images. (default: test, or a folder's val if it has no test)") var split: DatasetSplit?
    @Option(help: "Images resized with the centre cut out, or unchanged. (default: as in training)")
    var eval: TrainingConfiguration.EvaluationView?
    @Option(help: "Side of images with --eval center. (default: as in training)") var imageSize: Int?
    @Flag(inversion: .prefixedNo, help: "Cut images to their bounding boxes first. (default: as in training)")
    var cropBoxes: Bool?
    @Flag(help: "Classify each image by the mean of the scores of itself and of its mirror image.") var flip = false
    @Option(
        help: "Images a rank classifies at a time; with the same number the results do not depend on the ranks at all.")
    var batchSize = 16
    @Flag(help: "Leave out images that cannot be read, and count them, instead of stopping.")
    var skipUnreadable = false
    @Option(
        help: "A CSV file to write, one row an image: path, label, predicted, the five most probable classes.",
        completion: .file())
    var predictions: String?
    @Option(
        help:
            "A folder to write: accuracy a class, the confusion matrix as CSV and PNG, and the confused pairs of classes.",
        completion: .directory
    )
    var details: String?
    @OptionGroup(title: "Computing") var computing: ComputingOptions
    @OptionGroup(title: "Watch") var watching: WatchArguments
    @OptionGroup(title: "Output") var output: OutputArguments

    func validate() throws {
        try require(batchSize > 0, "batch-size", "at least 1", batchSize)
        if let imageSize { try requireImageSize(imageSize) }
    }

    func run() throws {
        try OpenBLASKernels.chooseFastest(for: computing.backend)
        throw ExitCode(runWatchedJob(watching, evaluate))
    }

    /// The images to classify, which fit the model; without labels only if there is something to do without.
    private func readSamples(
        for model: ResNet, boxes: Bool
    ) throws -> (dataset: ImageDataset, split: DatasetSplit, samples: [ImageSample]) {
        let dataset = try source.read(folder: data, requiringBoxes: boxes)
        let split = split ?? (dataset.splits[.test] == nil ? dataset.validationSplit : .test)
        let samples =
            predictions == nil || details != nil
            ? try dataset.samples(of: split) : try dataset.samplesToPredict(of: split)
        guard !samples.isEmpty else {
            throw TrainingError.noImages(split: split.rawValue, dataset: dataset.name, data: data)
        }
        let classes = model.configuration.classes
        guard classes == dataset.classNames.count else {
            throw TrainingError.otherClassCount(
                path: checkpoint, checkpoint: classes, dataset: dataset.classNames.count, name: dataset.name)
        }
        return (dataset, split, samples)
    }

    private func evaluate(on communicator: any Communicator, _ watch: JobWatch) throws {
        let warnings = WarningReporter(rank: communicator.rank)
        let threads = try communicator.computeThreads(requested: computing.threads, warn: warnings.warning)
        let trained = try communicator.agreeing("reading the checkpoint") {
            try TrainedModel(
                checkpoint: checkpoint, average: ema, imageSize: imageSize,
                batchSize: batchSize,
                backend: computing.makeBackend(threads: threads))
        }
        trained.model.backend.recorder = watch.recorder
        let cropBoxes = cropBoxes ?? trained.preprocessing.cropBoxes
        let (dataset, split, samples) = try communicator.agreeing("reading the data set") {
            try readSamples(for: trained.model, boxes: cropBoxes)
        }
        if communicator.rank == 0 { for warning in dataset.warnings { warnings.warning(warning) } }
        let file = try communicator.agreeing("opening the file of predictions") {
            communicator.rank == 0 ? try predictions.map(PredictionsFile.init) : nil
        }
        let folder = try communicator.agreeing("preparing the folder of details") {
            communicator.rank == 0 ? try details.map(ConfusionFolder.init) : nil
        }
        let evaluator = Evaluator(
            samples: samples, view: eval ?? trained.preprocessing.view,
            imageSize: trained.preprocessing.imageSize, cropBoxes: cropBoxes,
            batchSize: batchSize, loaderThreads: computing.loaderThreads,
            skipUnreadable: skipUnreadable, flips: flip)
        let console = output.console
        let (result, rows) = try evaluator.run(
            trained.model, on: communicator, skipped: { warnings.warning($0.warning) },
            progress: { done, seconds in
                if communicator.rank == 0 { console.show(ProgressLine.evaluation(done, of: samples.count, seconds)) }
            }, stop: { watch.stop })
        guard communicator.rank == 0 else { return }
        console.clear()
        try file?.write(rows, classNames: dataset.classNames) { samples[$0] }
        console.write(.note("\(checkpoint), step \(trained.step): \(trained.model.title)"))
        if let missing = dataset.unlabelled[split]?.missingFile {
            console.write(
                .note(
                    "\(dataset.name), \(split.rawValue): \(result.count) images classified; their labels are not known, "
                        + "as there is no \(missing)"))
        } else {
            console.write(.evaluation(result, dataset: dataset.name, split: split.rawValue))
            var confusion = ConfusionMatrix(classes: dataset.classNames.count)
            for row in rows { confusion.add(label: samples[row.index].label, predicted: row.ranking[0]) }
            try folder?.write(confusion, classNames: dataset.classNames)
            for line in ConfusionFolder.lines(confusion, classNames: dataset.classNames) { console.write(.note(line)) }
        }
        if let details { console.write(.note("details: \(details)")) }
        if let predictions { console.write(.note("predictions: \(predictions)")) }
    }
}
