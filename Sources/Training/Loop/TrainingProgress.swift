/// Where a run stands; what a checkpoint adds to the tensors.
struct TrainingProgress {
    /// Optimizer steps done.
    var step = 0
    /// From 0.
    var epoch = 0
    /// Global batches of this epoch that are done.
    var batchInEpoch = 0
    private(set) var bestTop1: Double?
    private(set) var bestStep: Int?
    /// Epochs done at the best validation.
    private var bestEpoch: Int?

    init() {}

    init(_ state: TrainingState) {
        step = state.step
        epoch = state.epoch
        batchInEpoch = state.batchInEpoch
        bestTop1 = state.bestMetric
        bestStep = state.bestStep
        bestEpoch = state.bestEpoch
    }

    /// Records a validation after `epoch` epochs; true if none before had this top-1 or a higher one.
    mutating func isBest(top1: Double) -> Bool {
        if let bestTop1, bestTop1 >= top1 { return false }
        bestTop1 = top1
        bestStep = step
        bestEpoch = epoch
        return true
    }

    /// Whether the best validation is at least `patience` epochs old; 0 for never.
    func hasStalled(patience: Int) -> Bool {
        guard patience > 0, let bestEpoch else { return false }
        return epoch - bestEpoch >= patience
    }

    func state(_ configuration: TrainingConfiguration, worldSize: Int, trainingImages: String) -> TrainingState {
        TrainingState(
            step: step, epoch: epoch, batchInEpoch: batchInEpoch, worldSize: worldSize, seed: configuration.seed,
            bestMetric: bestTop1, bestStep: bestStep, bestEpoch: bestEpoch, trainingImages: trainingImages,
            configuration: configuration.options)
    }
}

extension TrainingState {
    /// Whether a run with this configuration has nothing left to train: its epochs are done, or it stopped early.
    public func isEnd(of configuration: TrainingConfiguration) -> Bool {
        batchInEpoch == 0
            && (epoch >= configuration.epochs || TrainingProgress(self).hasStalled(patience: configuration.patience))
    }
}
