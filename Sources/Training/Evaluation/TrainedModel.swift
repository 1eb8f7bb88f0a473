import Kernels
import Models
import Tensors

/// A model from a checkpoint, and how it saw images in training.
public struct TrainedModel {
    public let model: ResNet
    /// Optimizer steps it was trained for.
    public let step: Int
    public let imageSize: Int
    public let evaluationView: TrainingConfiguration.EvaluationView
    public let cropBoxes: Bool

    /// - Parameters:
    ///   - checkpoint: a checkpoint's folder, a link to one, or a run folder for its latest.
    ///   - average: whether to take the weights' moving average.
    ///   - imageSize: instead of the one in training.
    ///   - batchSize: images that the model will mostly classify at a time.
    /// - Throws: `CheckpointError`, `TrainingError.notAModel`, `TrainingError.noAverage`, `TensorMismatch`.
    public init(
        checkpoint path: String, average: Bool = false, imageSize: Int?, batchSize: Int, backend: any Backend
    ) throws {
        let store = CheckpointStore(directory: path)
        guard let point = try store.resolve(.path(path)) else { preconditionFailure("a path resolves or throws") }
        let options = point.checkpoint.state.configuration
        self.imageSize = imageSize ?? options["image-size"].flatMap { Int($0) } ?? 224
        evaluationView = options["eval"].flatMap(TrainingConfiguration.EvaluationView.init) ?? .center
        cropBoxes = options["crop-boxes"] == "true"
        step = point.checkpoint.state.step
        // The checkpoint replaces the initial weights.
        var generator = RandomGenerator(0)
        model = ResNet(
            try ModelConfiguration(metadata: point.checkpoint.model.metadata, path: point.path),
            input: [batchSize, 3, self.imageSize, self.imageSize], backend: backend, generator: &generator)
        guard let file = average ? point.checkpoint.average : point.checkpoint.model else {
            throw TrainingError.noAverage(path: point.path)
        }
        try model.load(file)
    }
}
