import ArgumentParser
import Collectives
import Datasets
import Kernels
import Models
import Training

/// Where every option's default comes from.
private let defaults = TrainingConfiguration(data: "", output: "")

/// The options of `aam train`.
struct TrainOptions: ParsableArguments {
    @OptionGroup(title: "Data") var data: DataOptions
    @OptionGroup(title: "Augmentation") var augmentation: AugmentationOptions
    @OptionGroup(title: "Model") var model: ModelOptions
    @OptionGroup(title: "Loss") var loss: LossOptions
    @OptionGroup(title: "Optimization") var optimization: OptimizationOptions
    @OptionGroup(title: "Learning rate") var schedule: ScheduleOptions
    @OptionGroup(title: "Update") var update: UpdateOptions
    @OptionGroup(title: "Computing") var computing: ComputingOptions
    @OptionGroup(title: "Communication") var communication: CommunicationArguments
    @OptionGroup(title: "Run") var run: RunOptions

    /// The configuration these options give for a number of ranks.
    /// - Throws: `JobFailure` for an option that is missing, `TrainingError.batchSmallerThanRanks`.
    func configuration(ranks: Int) throws -> TrainingConfiguration {
        guard let folder = data.data else {
            throw JobFailure(
                "--data is missing", hint: "give the data set's folder by --data, or as data in the file of --config")
        }
        guard let output = run.output else {
            throw JobFailure(
                "--output is missing", hint: "give the run folder by --output, or as output in the file of --config")
        }
        var configuration = TrainingConfiguration(data: folder, output: output)
        configuration.dataset = data.source.dataset
        configuration.level = data.source.level
        configuration.validationSplit = data.validationSplit
        configuration.imageSize = data.imageSize
        configuration.evaluationView = data.eval
        configuration.cropBoxes = data.cropBoxes
        configuration.skipUnreadable = data.skipUnreadable
        augmentation.apply(to: &configuration)
        model.apply(to: &configuration)
        loss.apply(to: &configuration)
        optimization.apply(to: &configuration, ranks: ranks)
        try schedule.check(epochs: optimization.epochs)
        schedule.apply(to: &configuration)
        update.apply(to: &configuration)
        configuration.backend = computing.backend
        configuration.convolution = computing.convolution
        configuration.threads = computing.threads
        configuration.loaderThreads = computing.loaderThreads
        communication.apply(to: &configuration)
        configuration.weights = run.weights
        configuration.patience = run.patience
        configuration.validateEvery = run.validateEvery
        configuration.checkpointEvery = run.checkpointEvery
        configuration.checkpointMinutes = run.checkpointMinutes
        configuration.checkpointEpochs = run.checkpointEpochs
        configuration.keepCheckpoints = run.keepCheckpoints
        configuration.logEvery = run.logEvery
        guard configuration.batchSize >= ranks else {
            throw TrainingError.batchSmallerThanRanks(batchSize: configuration.batchSize, ranks: ranks)
        }
        return configuration
    }
}

struct DataOptions: ParsableArguments {
    @OptionGroup var source: DatasetArguments
    @Option(help: "The data set's folder.", completion: .directory) var data: String?
    @Option(help: "Images to validate on: val leaves the test images alone; auto is test, or a folder's val.")
    var validationSplit = defaults.validationSplit
    @Option(help: "Side of training images, and of validation images with --eval center, in pixels.")
    var imageSize = defaults.imageSize
    @Option(help: "Validation images resized with the centre cut out, or unchanged (the paper's protocol).")
    var eval = defaults.evaluationView
    @Flag(inversion: .prefixedNo, help: "Cut images to their bounding boxes first.") var cropBoxes = defaults.cropBoxes
    @Flag(inversion: .prefixedNo, help: "Leave out images that cannot be read, and count them, instead of stopping.")
    var skipUnreadable = defaults.skipUnreadable

    func validate() throws {
        try requireImageSize(imageSize)
    }
}

struct ModelOptions: ParsableArguments {
    @Option(help: "The network.") var model = defaults.model
    @Option(help: "The attention module: the paper's aam, one of its two branches, cbam, se or eca.")
    var attention = defaults.attention
    @Option(help: "Attention in every residual block, or after each stage.")
    var attentionPlacement = defaults.attentionPlacement
    @Option(help: "How aam joins channel and spatial attention: F·Mc + F·Ms, or F·Mc·Ms.")
    var attentionFusion = defaults.attentionFusion
    @Option(help: "Neighbouring channels that aam, channel and eca see: an odd number, or auto for ECA's rule.")
    var attentionKernel = defaults.attentionKernel
    @Option(help: "Side of the spatial attention's kernel, odd.") var spatialKernel = defaults.spatialKernel
    @Option(help: "What se and cbam divide the channels by inside.") var attentionRatio = defaults.attentionRatio

    func apply(to configuration: inout TrainingConfiguration) {
        configuration.model = model
        configuration.attention = attention
        configuration.attentionPlacement = attentionPlacement
        configuration.attentionFusion = attentionFusion
        configuration.attentionKernel = attentionKernel
        configuration.spatialKernel = spatialKernel
        configuration.attentionRatio = attentionRatio
    }

    /// The model alone, where nothing is trained to the end.
    func modelConfiguration(classes: Int) -> ModelConfiguration {
        var configuration = defaults
        apply(to: &configuration)
        return configuration.modelConfiguration(classes: classes)
    }

    func validate() throws {
        try require(spatialKernel > 0 && spatialKernel % 2 == 1, "spatial-kernel", "an odd number", spatialKernel)
        try require(attentionRatio > 0, "attention-ratio", "at least 1", attentionRatio)
    }
}

struct OptimizationOptions: ParsableArguments {
    @Option(help: "Images a step over all ranks. (default: \(defaults.batchSize))") var batchSize: Int?
    @Option(help: "The same, said as images a step on each rank.") var batchSizePerRank: Int?
    @Option(help: "Passes over the training images.") var epochs = defaults.epochs
    @Option(help: "Of initial weights, data order and augmentation.") var seed = defaults.seed
    @Flag(inversion: .prefixedNo, help: "Batch norm over the global batch instead of each rank's slice.")
    var syncBatchnorm = defaults.syncBatchnorm

    func apply(to configuration: inout TrainingConfiguration, ranks: Int) {
        configuration.batchSize = batchSizePerRank.map { $0 * ranks } ?? batchSize ?? configuration.batchSize
        configuration.epochs = epochs
        configuration.seed = seed
        configuration.syncBatchnorm = syncBatchnorm
    }

    func validate() throws {
        if batchSize != nil, batchSizePerRank != nil {
            throw ValidationError("Give --batch-size (over all ranks) or --batch-size-per-rank, not both.")
        }
        if let batchSize { try require(batchSize > 0, "batch-size", "at least 1", batchSize) }
        if let size = batchSizePerRank { try require(size > 0, "batch-size-per-rank", "at least 1", size) }
        try require(epochs > 0, "epochs", "at least 1", epochs)
    }
}

struct ComputingOptions: ParsableArguments {
    @Option(help: "onednn, or openblas for machines without oneDNN's fast paths.")
    var backend = defaults.backend
    @Option(
        help: "3x3 convolutions by Winograd's algorithm where it is faster, or all by direct sums, which round less.")
    var convolution = defaults.convolution
    @Option(help: "Threads a rank computes with; 0 for its share of the processors it may run on.") var threads =
        defaults.threads
    @Option(help: "Threads a rank decodes images with.") var loaderThreads = defaults.loaderThreads

    func validate() throws {
        try require((0...1024).contains(threads), "threads", "from 0 to 1024", threads)
        try require((1...1024).contains(loaderThreads), "loader-threads", "from 1 to 1024", loaderThreads)
    }

    /// A backend of the chosen kind for the calling thread.
    func makeBackend(threads: Int) -> any Backend {
        backend.makeBackend(threads: threads, convolutions: convolution)
    }
}

struct RunOptions: ParsableArguments {
    @Option(help: "The run folder: configuration, metrics, log and checkpoints.", completion: .directory) var output:
        String?
    @Option(
        help: "A safetensors file to start from, with torchvision's or timm's names for a ResNet, or none.",
        completion: .file())
    var weights = defaults.weights
    @Option(help: "Stop when the best top-1 of validations is this many epochs old; 0 for never.")
    var patience = defaults.patience
    @Option(help: "Epochs between validations.") var validateEvery = defaults.validateEvery
    @Option(help: "Steps between checkpoints within an epoch; 0 for none.")
    var checkpointEvery = defaults.checkpointEvery
    @Option(help: "Minutes after which the next step is followed by a checkpoint; 0 for never.")
    var checkpointMinutes = defaults.checkpointMinutes
    @Option(help: "Epochs between checkpoints at their ends; the best epoch and the last one have theirs anyway.")
    var checkpointEpochs = defaults.checkpointEpochs
    @Option(help: "Checkpoints to keep, besides the best.") var keepCheckpoints = defaults.keepCheckpoints
    @Option(help: "Steps between progress lines.") var logEvery = defaults.logEvery
    @Option(help: "Write what every rank does in the first steps as a Chrome trace.", completion: .file()) var trace:
        String?
    @Option(help: "Steps in the trace.") var traceSteps = 5

    func validate() throws {
        try require(patience >= 0, "patience", "at least 0", patience)
        try require(validateEvery > 0, "validate-every", "at least 1", validateEvery)
        try require(checkpointEvery >= 0, "checkpoint-every", "at least 0", checkpointEvery)
        try require(
            checkpointMinutes >= 0 && checkpointMinutes.isFinite, "checkpoint-minutes", "at least 0", checkpointMinutes)
        try require(checkpointEpochs > 0, "checkpoint-epochs", "at least 1", checkpointEpochs)
        try require(keepCheckpoints > 0, "keep-checkpoints", "at least 1", keepCheckpoints)
        try require(logEvery > 0, "log-every", "at least 1", logEvery)
        try require(traceSteps > 0, "trace-steps", "at least 1", traceSteps)
    }
}

/// - Throws: `ValidationError` that names the option, what it takes and what it was given.
func require(_ condition: Bool, _ option: String, _ expectation: String, _ value: some CustomStringConvertible) throws {
    if !condition { throw ValidationError("--\(option) is \(expectation), not \(value).") }
}

/// A side that images of models and data sets have.
func requireImageSize(_ side: Int) throws {
    try require((32...4096).contains(side), "image-size", "from 32 to 4096", side)
}
