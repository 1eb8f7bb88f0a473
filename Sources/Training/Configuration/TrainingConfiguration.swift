import Collectives
import Datasets
import Kernels
import Models

/// Everything that determines a training run. The keys are the long names of `aam train`'s flags, in the run folder's
/// `config.toml` and in checkpoints.
public struct TrainingConfiguration: Codable, Hashable, Sendable {
    /// How validation and evaluation see an image.
    public enum EvaluationView: String, CaseIterable, Codable, Sendable {
        /// Resized, and the centre cut out.
        case center
        /// Unchanged: the paper's protocol.
        case native
    }

    /// Which kernels compute.
    public enum BackendChoice: String, CaseIterable, Codable, Sendable {
        /// `AcceleratedBackend`
        case onednn
        /// `ReferenceBackend`
        case openblas
    }

    /// What is added to cross-entropy, weighted by `mu`.
    public enum Loss: String, CaseIterable, Codable, Sendable {
        /// Nothing.
        case crossEntropy = "cross-entropy"
        /// `CrossChannelLoss`
        case cc
        /// `CenterLoss`
        case center
    }

    // Data
    /// How the data set's folder is laid out.
    public var dataset: DatasetFormat = .cub
    /// What counts as a class in FGVC-Aircraft.
    public var level: AircraftLevel = .variant
    /// The data set's folder.
    public var data: String
    /// Of the data set's splits, the one to validate on.
    public var validationSplit: ValidationSplit = .auto
    /// The run folder: checkpoints, and what `aam train` writes beside them.
    public var output: String
    /// Side of the square that training crops, and validation by `EvaluationView.center`, are resized to, in pixels.
    public var imageSize = 224
    /// How validation sees images.
    public var evaluationView: EvaluationView = .center
    /// Whether images are cut to their bounding boxes first.
    public var cropBoxes = false
    /// Whether images that cannot be read are left out, with a warning, instead of ending the run.
    public var skipUnreadable = false

    // Augmentation
    /// Least and greatest part of an image's area that a training crop takes.
    public var cropScale = Interval(0.25...1)
    /// Of a crop's width / height.
    public var cropRatio = Interval(3.0 / 4...4.0 / 3)
    /// Probability of mirroring.
    public var flip = 0.5
    /// How much it varies: `ColorJitter.brightness`.
    public var brightness = 0.0
    /// How much it varies: `ColorJitter.contrast`.
    public var contrast = 0.0
    /// How much it varies: `ColorJitter.saturation`.
    public var saturation = 0.0
    /// How much it varies: `ColorJitter.hue`.
    public var hue = 0.0
    /// Probability of erasing.
    public var erase = 0.0
    /// Least and greatest part of the area that is erased.
    public var eraseScale = Interval(0.02...0.33)
    /// Of an erased rectangle's height / width.
    public var eraseRatio = Interval(0.3...3.3)
    /// α of mixup; 0 for none.
    public var mixup = 0.0
    /// α of CutMix; 0 for none.
    public var cutmix = 0.0
    /// Of mixing an image, where `mixup` or `cutmix` is above 0.
    public var mixProbability = 1.0

    // Model
    /// Which ResNet.
    public var model: ModelConfiguration.Architecture = .resnet18
    /// Which attention module.
    public var attention: ModelConfiguration.Attention = .aam
    /// Where attention stands in the model.
    public var attentionPlacement: ModelConfiguration.Placement = .block
    /// How AAM joins its two branches.
    public var attentionFusion: AttentionFusion = .sum
    /// Size of AAM's and ECA's 1-D kernel over channels.
    public var attentionKernel: ChannelKernel = .fixed(5)
    /// Side of AAM's and CBAM's kernel over positions: odd.
    public var spatialKernel = 7
    /// What SE and CBAM divide the channels by.
    public var attentionRatio = 16
    /// A safetensors file to start from, or `none`.
    public var weights = "none"

    // Loss
    /// What is added to cross-entropy.
    public var loss: Loss = .crossEntropy
    /// Weight of the added loss.
    public var mu = 0.01
    /// Channels that CC-Loss gives to a class.
    public var eta: ChannelsPerClass = .auto
    /// Weight of the diversity in CC-Loss.
    public var lambda = 10.0
    /// The part of the target that is spread over all classes, from 0 to below 1.
    public var labelSmoothing = 0.0

    // Optimization
    /// Images a step over all ranks.
    public var batchSize = 16
    /// Passes over the training images.
    public var epochs = 30
    /// At the first step after the warm-up.
    public var learningRate = 0.02
    /// How the learning rate falls.
    public var schedule: ScheduleChoice = .poly
    /// What poly and cosine schedules fall to.
    public var endLearningRate = 1e-5
    /// Of a poly schedule.
    public var polyPower = 0.9
    /// After which the learning rate of a step schedule falls.
    public var stepEpochs = ValueList<Int>([])
    /// What a step schedule multiplies the learning rate by.
    public var stepFactor = 0.1
    /// Epochs in which the learning rate rises in a line.
    public var warmupEpochs = 0.0
    /// SGD's.
    public var momentum = 0.9
    /// L2 penalty that is added to the gradient.
    public var weightDecay = 5e-4
    /// Whether weight decay applies to batch norms and biases too.
    public var normDecay = true
    /// Whether momentum is Nesterov's.
    public var nesterov = false
    /// Batches of `batchSize` images whose gradients are added before a step.
    public var accumulate = 1
    /// The greatest norm of all gradients together; 0 for no limit.
    public var clipNorm = 0.0
    /// Decay of the weights' moving average; 0 for none.
    public var ema = 0.0
    /// Layers that are not trained.
    public var freeze = ValueList<String>([])
    /// Of the initial weights, the order of the images and their augmentation.
    public var seed: UInt64 = 0
    /// Whether batch norm takes its statistics over all ranks.
    public var syncBatchnorm = false

    // Run
    /// Which kernels compute.
    public var backend: BackendChoice = .onednn
    /// How oneDNN computes 3 × 3 convolutions.
    public var convolution: ConvolutionMethod = .winograd
    /// Threads a rank computes with; 0 for its share of the processors it may run on.
    public var threads = 0
    /// Threads a rank decodes images with.
    public var loaderThreads = 1
    /// Of gradients between nodes.
    public var wire: WireFormat = .float32
    /// Gradients that are summed over the ranks at a time, in MiB.
    public var bucketMebibytes = 4
    /// Whether gradients are summed, and parameters moved, while the backward goes on.
    public var overlap = true
    /// Epochs without a better validation after which the run ends; 0 for never.
    public var patience = 0
    /// Epochs between validations.
    public var validateEvery = 1
    /// Steps between checkpoints within an epoch; 0 for none.
    public var checkpointEvery = 0
    /// Minutes after which the next step is followed by a checkpoint; 0 for never.
    public var checkpointMinutes = 0.0
    /// Epochs between checkpoints, besides those of the best and the last epoch.
    public var checkpointEpochs = 1
    /// Checkpoints kept, besides the best.
    public var keepCheckpoints = 3
    /// Steps between progress lines.
    public var logEvery = 10

    /// The defaults for a data set's folder and a run folder.
    public init(data: String, output: String) {
        self.data = data
        self.output = output
    }

    /// The options' long names, one a property.
    public enum CodingKeys: String, CodingKey, CaseIterable {
        case dataset, level, data
        case validationSplit = "validation-split"
        case output
        case imageSize = "image-size"
        case evaluationView = "eval"
        case cropBoxes = "crop-boxes"
        case skipUnreadable = "skip-unreadable"
        case cropScale = "crop-scale"
        case cropRatio = "crop-ratio"
        case flip, brightness, contrast, saturation, hue, erase
        case eraseScale = "erase-scale"
        case eraseRatio = "erase-ratio"
        case mixup, cutmix
        case mixProbability = "mix-probability"
        case model, attention
        case attentionPlacement = "attention-placement"
        case attentionFusion = "attention-fusion"
        case attentionKernel = "attention-kernel"
        case spatialKernel = "spatial-kernel"
        case attentionRatio = "attention-ratio"
        case weights, loss, mu, eta, lambda
        case labelSmoothing = "label-smoothing"
        case batchSize = "batch-size"
        case epochs
        case learningRate = "learning-rate"
        case schedule
        case endLearningRate = "end-learning-rate"
        case polyPower = "poly-power"
        case stepEpochs = "step-epochs"
        case stepFactor = "step-factor"
        case warmupEpochs = "warmup-epochs"
        case momentum
        case weightDecay = "weight-decay"
        case normDecay = "norm-decay"
        case nesterov, accumulate
        case clipNorm = "clip-norm"
        case ema, freeze, seed
        case syncBatchnorm = "sync-batchnorm"
        case backend, convolution, threads
        case loaderThreads = "loader-threads"
        case wire
        case bucketMebibytes = "bucket-mebibytes"
        case overlap, patience
        case validateEvery = "validate-every"
        case checkpointEvery = "checkpoint-every"
        case checkpointMinutes = "checkpoint-minutes"
        case checkpointEpochs = "checkpoint-epochs"
        case keepCheckpoints = "keep-checkpoints"
        case logEvery = "log-every"
    }

    /// The data set, to train and validate as configured.
    /// - Throws: `DatasetError`.
    public func readDataset() throws -> ImageDataset {
        try dataset.read(folder: data, options: DatasetOptions(level: level, requiringBoxes: cropBoxes))
            .validating(on: validationSplit)
    }

    /// The model for a data set of `classes` classes.
    public func modelConfiguration(classes: Int) -> ModelConfiguration {
        ModelConfiguration(
            architecture: model, attention: attention, placement: attentionPlacement, fusion: attentionFusion,
            channelKernel: attentionKernel, spatialKernel: spatialKernel, ratio: attentionRatio, classes: classes)
    }
}
