/// One optimizer step, over all ranks.
public struct StepRecord: Hashable, Sendable {
    /// From 0.
    public let epoch: Int
    /// Of the run.
    public let epochs: Int
    /// Steps done in this epoch, this one included.
    public let stepInEpoch: Int
    /// Of every epoch of the run.
    public let stepsPerEpoch: Int
    /// Steps done in the run, this one included.
    public let step: Int
    /// At the run's end.
    public let totalSteps: Int
    /// Mean over the global batch.
    public let loss: Double
    /// What cross-entropy has in it.
    public let crossEntropy: Double
    /// With which the step moved the parameters.
    public let learningRate: Double
    /// Images of the global batch.
    public let images: Int
    /// From the end of the step before to the end of this one.
    public let seconds: Double
    /// Of these, seconds that ranks waited for images, in the mean.
    public let dataWaitSeconds: Double
    /// What else ranks did meanwhile.
    public let times: StepTimes
    /// Estimated seconds to the end of the run; nil for the first steps.
    public let remainingSeconds: Double?
    /// On rank 0, of the steps that are logged.
    public let norms: StepNorms?

    /// A record as the loop makes it; for observers' tests.
    public init(
        epoch: Int, epochs: Int, stepInEpoch: Int, stepsPerEpoch: Int, step: Int, totalSteps: Int, loss: Double,
        crossEntropy: Double, learningRate: Double, images: Int, seconds: Double, dataWaitSeconds: Double,
        times: StepTimes, remainingSeconds: Double?, norms: StepNorms? = nil
    ) {
        self.epoch = epoch
        self.epochs = epochs
        self.stepInEpoch = stepInEpoch
        self.stepsPerEpoch = stepsPerEpoch
        self.step = step
        self.totalSteps = totalSteps
        self.loss = loss
        self.crossEntropy = crossEntropy
        self.learningRate = learningRate
        self.images = images
        self.seconds = seconds
        self.dataWaitSeconds = dataWaitSeconds
        self.times = times
        self.remainingSeconds = remainingSeconds
        self.norms = norms
    }
}

/// L2 norms of a step.
public struct StepNorms: Hashable, Sendable {
    /// Of all parameters, after the step.
    public let weights: Double
    /// Of the gradients that it was made of, summed over the ranks and before they are clipped; without those of frozen
    /// layers.
    public let gradients: Double

    /// Norms that are known.
    public init(weights: Double, gradients: Double) {
        self.weights = weights
        self.gradients = gradients
    }
}

/// One validation, over all ranks.
public struct ValidationRecord: Hashable, Sendable {
    /// From 0.
    public let epoch: Int
    /// Of the run.
    public let epochs: Int
    /// Steps done in the run.
    public let step: Int
    /// Of the weights as they are.
    public let result: EvaluationResult
    /// Of the weights' moving average, where the run keeps one.
    public let average: EvaluationResult?
    /// Whether every validation of the run before had a lower top-1 (of the average, where there is one).
    public let isBest: Bool

    /// A record as the loop makes it; for observers' tests.
    public init(
        epoch: Int, epochs: Int, step: Int, result: EvaluationResult, average: EvaluationResult? = nil, isBest: Bool
    ) {
        self.epoch = epoch
        self.epochs = epochs
        self.step = step
        self.result = result
        self.average = average
        self.isBest = isBest
    }
}

/// How a run ended.
public struct TrainingSummary: Hashable, Sendable {
    /// Optimizer steps, those before a resumed checkpoint included.
    public let steps: Int
    /// Of the best validation, from 0 to 1; nil if there was none.
    public let bestTop1: Double?
    /// Steps done at the best validation.
    public let bestStep: Int?
    /// That this start of the run took.
    public let seconds: Double
    /// Of training images, validation left out.
    public let imagesPerSecond: Double
    /// Training images that could not be read, over all ranks, each time they came up.
    public let skippedImages: Int

    /// A summary as the loop makes it; for observers' tests.
    public init(
        steps: Int, bestTop1: Double?, bestStep: Int?, seconds: Double, imagesPerSecond: Double, skippedImages: Int
    ) {
        self.steps = steps
        self.bestTop1 = bestTop1
        self.bestStep = bestStep
        self.seconds = seconds
        self.imagesPerSecond = imagesPerSecond
        self.skippedImages = skippedImages
    }
}

/// Is told what happens in a run. Called on every rank; reports of the whole job are rank 0's business.
///
/// A class that conforms says what becomes of warnings, and has those of the other functions whose news it wants: the
/// rest do nothing. What a function throws ends the run.
public protocol TrainingObserver: AnyObject {
    /// What the user should know before and between steps.
    func note(_ message: String) throws
    /// Something that was worked around, on this rank.
    func warning(_ message: String) throws
    /// The run goes on from this step: later records of an earlier attempt are void. 0 for a new run.
    /// - Parameters:
    ///   - step: steps done.
    ///   - validating: with the validation after this step, whose records are void too.
    func started(atStep step: Int, validating: Bool) throws
    /// The first batch is there: the first step's computation begins.
    func ready() throws
    /// A step is done.
    func finished(_ record: StepRecord) throws
    /// A validation is done; where it is the best, its checkpoint is not written yet.
    func finished(_ record: ValidationRecord) throws
    /// How many validation images it wants to see the attention to, after each validation.
    var attentionImages: Int { get }
    /// Told after a validation, if it wants images and the model has attention.
    func looked(at view: AttentionView) throws
    /// Told now and then while something takes its time.
    func came(to progress: PhaseProgress)
    /// The run is at its end.
    func finished(_ summary: TrainingSummary) throws
}

extension TrainingObserver {
    /// None.
    public var attentionImages: Int { 0 }
    /// Does nothing.
    public func looked(at view: AttentionView) throws {}
    /// Does nothing.
    public func note(_ message: String) throws {}
    /// Does nothing.
    public func started(atStep step: Int, validating: Bool) throws {}
    /// Does nothing.
    public func ready() throws {}
    /// Does nothing.
    public func finished(_ record: StepRecord) throws {}
    /// Does nothing.
    public func finished(_ record: ValidationRecord) throws {}
    /// Does nothing.
    public func came(to progress: PhaseProgress) {}
    /// Does nothing.
    public func finished(_ summary: TrainingSummary) throws {}
}

/// How far a part of a run has come that reports no steps.
public struct PhaseProgress: Hashable, Sendable {
    /// The part of the run.
    public enum Phase: Hashable, Sendable {
        /// Up to the first step: what is under way.
        case preparation(String)
        /// Epoch and epochs; the epoch from 0.
        case validation(epoch: Int, epochs: Int)
    }

    /// What is under way.
    public let phase: Phase
    /// How much of how much is done, in the phase's own units.
    public let done, total: Int
    /// Since the phase began.
    public let seconds: Double

    /// How far a phase has come.
    public init(_ phase: Phase, done: Int, of total: Int, seconds: Double = 0) {
        self.phase = phase
        self.done = done
        self.total = total
        self.seconds = seconds
    }
}
