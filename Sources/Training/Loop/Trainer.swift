import Collectives
import Datasets
import Foundation
import Kernels
import Models
import Safetensors
import Tensors
import Tracing

/// Trains a model data-parallel: every rank computes its slice of each global batch, gradients are summed over the
/// ranks and divided by the batch's size, and all ranks take the same optimizer step.
///
/// What a step computes depends on the configuration and the step alone, not on when the run was interrupted, and, up
/// to rounding and with `--sync-batchnorm`, not on the number of ranks.
public final class Trainer {
    /// As it was given.
    public let configuration: TrainingConfiguration
    /// The images; the model's classes are its `classNames`, in their order.
    public let dataset: ImageDataset
    /// The weights as the last step left them: those of the best validation are in the run folder's `best`.
    public let model: ResNet

    let communicator: any Communicator
    let observer: any TrainingObserver
    let store: CheckpointStore
    /// Rank 0's.
    let writer: CheckpointWriter?
    let optimizer: SGD
    let objective: TrainingObjective
    /// The weights' moving average, if the run keeps one.
    let average: WeightAverage?
    let replica: Replica
    let order: EpochOrder
    private let schedule: LearningRateSchedule
    var progress = TrainingProgress()
    var remaining = RemainingTime()
    private var isReady = false
    private var trace: StepTrace?
    private let spans: SpanRecorder
    /// Asks whether this rank has been told to stop.
    let stop: () -> StopSignal?
    var hasWarnedOfDelay = false
    var attentionProbe: AttentionProbe?
    /// When the last checkpoint was begun, and its step.
    var lastSave = ContinuousClock.now
    var savedStep: Int?
    /// Of the list of training images.
    let fingerprint: String

    /// Makes the model and the optimizer's state; every rank makes the same.
    ///
    /// - Parameters:
    ///   - configuration: what to train and how.
    ///   - dataset: what to train and validate on.
    ///   - communicator: the job's ranks, all of which must make a trainer.
    ///   - observer: is told what happens.
    ///   - threads: threads this rank computes with (`computeThreads`).
    ///   - destination: takes the checkpoints, instead of the store in the configuration's output.
    ///   - recorder: learns what this rank is doing.
    ///   - stop: asks whether this rank has been told to stop; after a step, or in a validation.
    /// - Throws: `TrainingError` for a data set or configuration that cannot be trained.
    public init(
        _ configuration: TrainingConfiguration, dataset: ImageDataset, communicator: any Communicator,
        observer: any TrainingObserver, threads: Int = 1, checkpoints destination: (any CheckpointDestination)? = nil,
        recorder: SpanRecorder? = nil, stop: @escaping () -> StopSignal? = { nil }
    ) throws {
        guard configuration.batchSize >= communicator.size else {
            throw TrainingError.batchSmallerThanRanks(batchSize: configuration.batchSize, ranks: communicator.size)
        }
        guard !dataset.train.isEmpty else {
            throw TrainingError.noTrainingImages(dataset: dataset.name, data: configuration.data)
        }
        guard !dataset.test.isEmpty else {
            throw TrainingError.noImages(
                split: dataset.validationSplit.rawValue, dataset: dataset.name, data: configuration.data)
        }
        self.configuration = configuration
        self.dataset = dataset
        self.communicator = communicator
        self.observer = observer
        self.stop = stop
        spans = recorder ?? SpanRecorder()
        fingerprint = dataset.train.fingerprint
        store = CheckpointStore(directory: configuration.output, keeping: configuration.keepCheckpoints)
        let localBatch = slice(of: configuration.batchSize, rank: communicator.rank, of: communicator.size).count
        var generator = RandomGenerator(configuration.seed)
        model = ResNet(
            configuration.modelConfiguration(classes: dataset.classNames.count),
            input: [localBatch, 3, configuration.imageSize, configuration.imageSize],
            backend: configuration.backend.makeBackend(threads: threads, convolutions: configuration.convolution),
            generator: &generator)
        let frozen = FrozenLayers(configuration.freeze.values)
        try frozen.apply(to: model)
        optimizer = SGD(
            model.arena, momentum: configuration.momentum, weightDecay: configuration.weightDecay,
            nesterov: configuration.nesterov, decaysNorms: configuration.normDecay, frozen: frozen)
        objective = try TrainingObjective(configuration, model: model)
        average = configuration.ema > 0 ? WeightAverage(of: model, decay: configuration.ema) : nil
        writer =
            communicator.rank == 0
            ? CheckpointWriter(
                model,
                for: ClassificationTask(
                    dataset: dataset.name, classNames: dataset.classNames, preprocessing: configuration.preprocessing),
                optimizer, centerLoss: objective.centers, average: average, to: destination ?? store) : nil
        replica = Replica(model: model, communicator: communicator)
        order = EpochOrder(
            count: dataset.train.count,
            batchSize: min(configuration.batchSize * configuration.accumulate, dataset.train.count),
            seed: configuration.seed, parts: configuration.accumulate)
        schedule = configuration.learningRateSchedule(stepsPerEpoch: order.batchesPerEpoch)
    }

    /// Trains from the chosen checkpoint, or from the start, to the last epoch.
    /// - Parameters:
    ///   - resume: the checkpoint to start from, if any.
    ///   - traceRequest: whether to write what every rank does in the first steps.
    /// - Throws: the failures of data, disk and communication; `TrainingError.lossNotFinite`; `JobInterruption` once a
    ///   checkpoint is written, if any rank was told to stop.
    public func run(resume: ResumeChoice, trace traceRequest: TraceRequest? = nil) throws -> TrainingSummary {
        // A checkpoint that is being written when something else fails is still worth having.
        defer { try? writer?.finish() }
        try communicator.agreeing("preparing \(configuration.output)") {
            if communicator.rank == 0 { try store.prepareForWriting() }
        }
        if try !restore(resume) { try loadWeights() }
        try replica.verifyEqual("at the start")
        try observer.started(atStep: progress.step, validating: progress.batchInEpoch == order.batchesPerEpoch)
        let start = ContinuousClock.now
        observer.came(to: PhaseProgress(.preparation("loading the first images"), done: 2, of: 3))
        let loader = try communicator.agreeing("starting to load images", makeLoader)
        trace = try traceRequest.map {
            try StepTrace($0, spans, about: traceDescription(), on: communicator)
        }
        lastSave = .now
        model.backend.recorder = recorder
        writer?.recorder = recorder
        let update = ParameterUpdate(
            optimizer, average: average, clipNorm: configuration.clipNorm > 0 ? configuration.clipNorm : nil)
        let reducer = try GradientReducer(update, on: communicator, configuration.communication, recorder: recorder)
        if let note = reducer.note { try observer.note(note) }
        let step = makeStep(loader, reducer)
        var trained = (images: 0, seconds: 0.0)
        for epoch in progress.epoch..<configuration.epochs {
            let (images, seconds, isDue) = try train(epoch: epoch, step)
            trained = (trained.images + images, trained.seconds + seconds)
            try finish(epoch: epoch, isDue: isDue)
            if hasStalled, progress.epoch < configuration.epochs {
                try observer.note("stopped early: no better validation in \(configuration.patience) epochs")
                break
            }
        }
        try finishWriting()
        try finishTrace()
        let summary = TrainingSummary(
            steps: progress.step, bestTop1: progress.bestTop1, bestStep: progress.bestStep,
            seconds: (ContinuousClock.now - start) / .seconds(1),
            imagesPerSecond: trained.seconds > 0 ? Double(trained.images) / trained.seconds : 0,
            skippedImages: Int(try communicator.allreduce(Int64(loader.skippedCount), .sum)))
        try observer.finished(summary)
        return summary
    }

    func finishTrace() throws {
        if let note = try trace?.finish() { try observer.note(note) }
    }

    /// Trains the rest of an epoch. Returns the images and the seconds it took, and whether a checkpoint is due.
    private func train(epoch: Int, _ step: OptimizerStep) throws -> (images: Int, seconds: Double, isDue: Bool) {
        var total = (images: 0, seconds: 0.0, isDue: false)
        var start = ContinuousClock.now
        for number in progress.batchInEpoch..<order.batchesPerEpoch {
            let learningRate = schedule.learningRate(at: schedule.totalSteps - stepsLeft)
            let sums = try locatingFailures(at: "epoch \(epoch + 1), step \(progress.step + 1)") {
                try recorder.span("step \(progress.step + 1)", "step") {
                    try step.run(
                        learningRate: learningRate, since: start, measuringNorms: measuresNorms(inBatch: number)
                    ) { signals }
                }
            }
            progress.step += 1
            progress.batchInEpoch = number + 1
            let now = ContinuousClock.now
            let seconds = (now - start) / .seconds(1)
            start = now
            remaining.add(stepSeconds: seconds)
            total = (total.images + sums.images, total.seconds + seconds, false)
            try observer.finished(
                StepRecord(
                    epoch: epoch, epochs: configuration.epochs, stepInEpoch: progress.batchInEpoch,
                    stepsPerEpoch: order.batchesPerEpoch, step: progress.step, totalSteps: progress.step + stepsLeft,
                    loss: sums.loss, crossEntropy: sums.crossEntropy, learningRate: learningRate, images: sums.images,
                    seconds: seconds,
                    dataWaitSeconds: sums.dataWait / Double(communicator.size), times: sums.times,
                    remainingSeconds: remainingSeconds, norms: sums.norms))
            if sums.signals.contains(.writeFailed) { try finishWriting(isLast: false) }
            if let note = try trace?.finishedStep() { try observer.note(note) }
            guard sums.loss.isFinite else {
                try finishWriting(isLast: false)
                throw TrainingError.lossNotFinite(
                    loss: sums.loss.isNaN ? "nan" : "\(sums.loss)", epoch: epoch, step: progress.step,
                    learningRate: learningRate)
            }
            if let signal = sums.signals.stop { try interrupt(by: signal, epoch: epoch) }
            guard isCheckpointDue(sums.signals) else { continue }
            if progress.batchInEpoch == order.batchesPerEpoch {
                total.isDue = true
            } else {
                try saveWithinEpoch(epoch)
                start = .now
            }
        }
        return total
    }

    /// The ranks have the same norms, which the first one reports with its lines.
    private func measuresNorms(inBatch number: Int) -> Bool {
        communicator.rank == 0
            && configuration.isLogged(step: progress.step + 1, stepInEpoch: number + 1, of: order.batchesPerEpoch)
    }

    var recorder: SpanRecorder? { spans }

    /// What `aam plan` has to know of the run, besides what the ranks did.
    private func traceDescription() throws -> [String: String] {
        [
            "model": model.configuration.title, "imageSize": "\(configuration.imageSize)",
            "imagesPerRank": "\(slice(of: configuration.batchSize, rank: 0, of: communicator.size).count)",
            "threads": "\(model.backend.threads)", "processors": "\(try communicator.processorsPerRank())",
        ]
    }

    private func makeStep(_ loader: BatchLoader, _ reducer: GradientReducer) -> OptimizerStep {
        OptimizerStep(
            configuration: configuration, replica: replica, objective: objective, loader: loader, reducer: reducer,
            recorder: spans, globalCount: order.batchSize
        ) { [unowned self] batch in
            for image in batch.skipped { try observer.warning(image.warning) }
            if !isReady {
                isReady = true
                try observer.ready()
            }
        }
    }

    var hasStalled: Bool { progress.hasStalled(patience: configuration.patience) }

    /// The steps to come. Those before may have been others than this configuration's: an epoch after a checkpoint may
    /// have another batch size.
    var stepsLeft: Int {
        (configuration.epochs - progress.epoch) * order.batchesPerEpoch - progress.batchInEpoch
    }

    private var remainingSeconds: Double? {
        remaining.seconds(
            steps: stepsLeft, validations: (progress.epoch..<configuration.epochs).count(where: isValidated))
    }
}
