import Kernels
import Models
import Tensors

/// A model from a checkpoint, and how it saw images in training.
public struct TrainedModel {
    /// With the checkpoint's weights and statistics.
    public let model: ResNet
    /// Optimizer steps it was trained for.
    public let step: Int
    /// How it saw images in validation.
    public let preprocessing: Preprocessing
    /// In the order of the logits; nil if the checkpoint is of an earlier version that did not record them.
    public let classNames: [String]?

    /// - Parameters:
    ///   - path: a checkpoint's folder, a link to one, or a run folder for its latest.
    ///   - average: whether to take the weights' moving average.
    ///   - imageSize: instead of the one in training.
    ///   - batchSize: images that the model will mostly classify at a time.
    ///   - backend: computes; by default oneDNN's kernels on all processors that this thread may run on.
    /// - Throws: `CheckpointError`, `TrainingError.notAModel`, `TrainingError.noAverage`, `TensorMismatch`.
    public init(
        checkpoint path: String, average: Bool = false, imageSize: Int? = nil, batchSize: Int = 16,
        backend: (any Backend)? = nil
    ) throws {
        let store = CheckpointStore(directory: path)
        guard let point = try store.resolve(.path(path)) else { preconditionFailure("a path resolves or throws") }
        let options = point.checkpoint.state.configuration
        let metadata = point.checkpoint.model.metadata
        var preprocessing = Preprocessing(in: metadata, options: options)
        if let imageSize { preprocessing.imageSize = imageSize }
        self.preprocessing = preprocessing
        let configuration = try ModelConfiguration(metadata: metadata, path: point.path)
        classNames = try ClassificationTask.classNames(
            in: metadata, classes: configuration.classes, path: point.path)
        step = point.checkpoint.state.step
        // The checkpoint replaces the initial weights.
        var generator = RandomGenerator(0)
        model = ResNet(
            configuration, input: [batchSize, 3, preprocessing.imageSize, preprocessing.imageSize],
            backend: backend ?? AcceleratedBackend(threads: allowedProcessors().count), generator: &generator)
        guard let file = average ? point.checkpoint.average : point.checkpoint.model else {
            throw TrainingError.noAverage(path: point.path)
        }
        try model.load(file)
    }
}
