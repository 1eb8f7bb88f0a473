import Collectives
import Datasets
import Foundation
import Models
import Testing
import Training

/// Thrown by observers to end a run where a test has seen enough, as a user's interruption would.
struct Stopped: Error {}

/// A run on the threads of an in-memory group, and what is left of it.
struct Trial {
    /// How a rank's run ended.
    struct End: Sendable {
        let summary: TrainingSummary
        let model: ModelSnapshot
    }

    let observers: [RecordingObserver]
    /// One a rank, or what ended the run before its end.
    let ends: Result<[End], any Error>

    /// - Parameters:
    ///   - disk: takes checkpoints instead of the run's store.
    ///   - stop: tells rank 0 to stop.
    ///   - afterStep: sees each rank's model as the recorded step left it.
    ///   - beforeRun: sees each rank's model as it was initialised.
    init(
        _ configuration: TrainingConfiguration, on dataset: ImageDataset, ranks: Int = 1, resume: ResumeChoice = .never,
        disk: (any CheckpointDestination)? = nil, stop: Stop? = nil,
        afterStep: @escaping RecordingObserver.StepAction = { _, _, _ in },
        beforeRun: @escaping @Sendable (_ rank: Int, ResNet) -> Void = { _, _ in }
    ) {
        let observers = (0..<ranks).map { RecordingObserver(rank: $0, afterStep: afterStep) }
        ends = Result {
            try InMemoryGroup.run(ranks: ranks) { communicator in
                let observer = observers[communicator.rank]
                let trainer = try Trainer(
                    configuration, dataset: dataset, communicator: communicator, observer: observer, checkpoints: disk,
                    stop: { stop?.signal(ofRank: communicator.rank) })
                observer.model = trainer.model
                defer { observer.model = nil }
                beforeRun(communicator.rank, trainer.model)
                let summary = try trainer.run(resume: resume)
                return End(summary: summary, model: ModelSnapshot(trainer.model))
            }
        }
        self.observers = observers
    }

    var losses: [Double] { observers[0].steps.map(\.loss) }

    /// What ended the run before its end.
    var failure: (any Error)? {
        if case .failure(let error) = ends { return error }
        return nil
    }
}

/// Keeps all that it is told. Used by one thread at a time.
final class RecordingObserver: TrainingObserver, @unchecked Sendable {
    typealias StepAction = @Sendable (RecordingObserver, StepRecord, ResNet) throws -> Void

    struct Warning: Equatable {
        /// Steps that this observer had seen before.
        let afterSteps: Int
        let message: String
    }

    let rank: Int
    private let afterStep: StepAction
    fileprivate(set) var model: ResNet?
    private(set) var starts: [Int] = []
    private(set) var validatesAgain: [Bool] = []
    /// Steps that had been seen each time the run said it was ready.
    private(set) var readyAfterSteps: [Int] = []
    private(set) var notes: [String] = []
    private(set) var warnings: [Warning] = []
    private(set) var steps: [StepRecord] = []
    private(set) var validations: [ValidationRecord] = []
    /// For `afterStep` to fill.
    var snapshots: [ModelSnapshot] = []

    init(rank: Int, afterStep: @escaping StepAction) {
        self.rank = rank
        self.afterStep = afterStep
    }

    func started(atStep step: Int, validating: Bool) {
        starts.append(step)
        validatesAgain.append(validating)
    }

    func ready() { readyAfterSteps.append(steps.count) }
    func note(_ message: String) { notes.append(message) }
    func warning(_ message: String) { warnings.append(Warning(afterSteps: steps.count, message: message)) }
    func finished(_ record: ValidationRecord) { validations.append(record) }

    func finished(_ record: StepRecord) throws {
        steps.append(record)
        if let model { try afterStep(self, record, model) }
    }
}

/// A model's state at one moment.
struct ModelSnapshot: Sendable, Equatable {
    struct Norm: Sendable, Equatable {
        let name: String
        let mean: [Float]
        let variance: [Float]
        let batchesTracked: Int64
    }

    /// In the arena's order.
    let parameters: [Float]
    let norms: [Norm]

    init(_ model: ResNet) {
        parameters = model.arena.values.withUnsafeBufferPointer { Array($0) }
        norms = model.norms.map {
            Norm(
                name: $0.name, mean: $0.runningMean, variance: $0.runningVariance, batchesTracked: $0.batchesTracked)
        }
    }
}

/// The greatest |a - b| / |b|.
func greatestRelativeDifference(_ a: [Double], _ b: [Double]) -> Double {
    zip(a, b).map { abs($0 - $1) / abs($1) }.max() ?? .infinity
}
