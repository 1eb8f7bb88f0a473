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
        case onednn, openblas
    }

    // Data
    public var dataset: String
    public var data: String
    public var output: String
    public var imageSize: Int
    public var evaluationView: EvaluationView
    public var cropBoxes: Bool
    /// Least part of an image's area that a training crop takes.
    public var cropScale: Double
    public var skipUnreadable: Bool

    // Model
    public var model: ModelConfiguration.Architecture
    public var attention: ModelConfiguration.Attention
    public var attentionPlacement: ModelConfiguration.Placement
    public var attentionFusion: AttentionFusion
    public var attentionKernel: ChannelKernel
    public var spatialKernel: Int

    // Optimization
    /// Images a step over all ranks.
    public var batchSize: Int
    public var epochs: Int
    public var learningRate: Double
    public var endLearningRate: Double
    public var polyPower: Double
    public var momentum: Double
    public var weightDecay: Double
    public var nesterov: Bool
    public var seed: UInt64
    public var syncBatchnorm: Bool

    // Run
    public var backend: BackendChoice
    /// Threads a rank computes with.
    public var threads: Int
    /// Threads a rank decodes images with.
    public var loaderThreads: Int
    /// Epochs between validations.
    public var validateEvery: Int
    /// Steps between checkpoints, besides the one after each validation; 0 for none.
    public var checkpointEvery: Int
    /// Checkpoints kept, besides the best.
    public var keepCheckpoints: Int
    /// Steps between progress lines.
    public var logEvery: Int

    public enum CodingKeys: String, CodingKey, CaseIterable {
        case dataset, data, output
        case imageSize = "image-size"
        case evaluationView = "eval"
        case cropBoxes = "crop-boxes"
        case cropScale = "crop-scale"
        case skipUnreadable = "skip-unreadable"
        case model, attention
        case attentionPlacement = "attention-placement"
        case attentionFusion = "attention-fusion"
        case attentionKernel = "attention-kernel"
        case spatialKernel = "spatial-kernel"
        case batchSize = "batch-size"
        case epochs
        case learningRate = "learning-rate"
        case endLearningRate = "end-learning-rate"
        case polyPower = "poly-power"
        case momentum
        case weightDecay = "weight-decay"
        case nesterov, seed
        case syncBatchnorm = "sync-batchnorm"
        case backend, threads
        case loaderThreads = "loader-threads"
        case validateEvery = "validate-every"
        case checkpointEvery = "checkpoint-every"
        case keepCheckpoints = "keep-checkpoints"
        case logEvery = "log-every"
    }

    /// The model for a data set of `classes` classes.
    public func modelConfiguration(classes: Int) -> ModelConfiguration {
        ModelConfiguration(
            architecture: model, attention: attention, placement: attentionPlacement, fusion: attentionFusion,
            channelKernel: attentionKernel, spatialKernel: spatialKernel, classes: classes)
    }
}
