/// Where a training run stands, apart from its tensors: what `state.json` holds.
public struct TrainingState: Codable, Hashable, Sendable {
    /// Optimizer steps done.
    public var step: Int
    /// The epoch in progress, from 0.
    public var epoch: Int
    /// Global batches of this epoch that are done; the next one has this index. All of them if the validation after the
    /// epoch is still to be done.
    public var batchInEpoch: Int
    /// Ranks of the run that wrote this. Another number may continue it: a step does not depend on it.
    public var worldSize: Int
    /// From which, with epoch and index, the data order and augmentation follow; so no generator's state is kept.
    public var seed: UInt64
    /// The best value of the metric that chooses the best checkpoint, and the step that reached it.
    public var bestMetric: Double?
    /// Optimizer steps done when it was reached.
    public var bestStep: Int?
    /// Epochs done when it was reached.
    public var bestEpoch: Int?
    /// Identifies the list of training images, from which an order within an epoch picks; nil in older checkpoints.
    public var trainingImages: String?
    /// The options that the run was started with, by name.
    public var configuration: [String: String]

    /// A state to be written.
    public init(
        step: Int, epoch: Int, batchInEpoch: Int, worldSize: Int, seed: UInt64, bestMetric: Double? = nil,
        bestStep: Int? = nil, bestEpoch: Int? = nil, trainingImages: String? = nil,
        configuration: [String: String] = [:]
    ) {
        self.step = step
        self.epoch = epoch
        self.batchInEpoch = batchInEpoch
        self.worldSize = worldSize
        self.seed = seed
        self.bestMetric = bestMetric
        self.bestStep = bestStep
        self.bestEpoch = bestEpoch
        self.trainingImages = trainingImages
        self.configuration = configuration
    }
}
