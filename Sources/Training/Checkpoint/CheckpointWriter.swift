import Datasets
import Foundation
import Models
import Tracing

/// Writes checkpoints on a thread of its own, so that training waits only for a copy in memory.
///
/// One is written at a time: the next waits for the last. One thread, the one that trains, uses the writer.
public final class CheckpointWriter {
    private struct Write {
        let step: Int
        let start: ContinuousClock.Instant
        let thread: WorkerThread
        let outcome: Outcome
    }

    private let destination: any CheckpointDestination
    private let copy: StateCopy
    private var current: Write?
    /// Where copies and writes are recorded, if anywhere.
    public var recorder: SpanRecorder?

    /// A writer of what these hold at each call of `write`.
    /// - Parameters:
    ///   - model: whose parameters and statistics are written.
    ///   - task: what the model is for, which its file tells.
    ///   - optimizer: whose momenta are written.
    ///   - centerLoss: the loss's centres, if it has any.
    ///   - average: the weights' moving average, if the run keeps one.
    ///   - destination: takes the checkpoints.
    public init(
        _ model: ResNet, for task: ClassificationTask? = nil, _ optimizer: SGD, centerLoss: CenterLoss? = nil,
        average: WeightAverage? = nil, to destination: any CheckpointDestination
    ) {
        self.destination = destination
        copy = StateCopy(of: model, for: task, optimizer, centerLoss, average)
    }

    deinit { current?.thread.join() }

    /// Bytes of a checkpoint's tensors, to which alignment adds a little.
    public var byteCount: Int { copy.byteCount }

    /// Copies the model and the optimizer as they are now and begins to write the copy.
    ///
    /// - Parameters:
    ///   - state: where the run stands.
    ///   - isBest: whether `best` is to point to the checkpoint.
    ///   - statistics: each rank's own running statistics, where they differ from the model's.
    /// - Returns: how long this had to wait for the checkpoint before, if it had to.
    /// - Throws: what the write of the checkpoint before threw; then this one is not written. `ThreadError`.
    @discardableResult
    public func write(
        _ state: TrainingState, isBest: Bool, statistics: [[Float]] = []
    ) throws -> CheckpointDelay? {
        let delay = try waitForCurrent()
        recorder.span("copy the state", "checkpoint") { copy.take(statistics: statistics) }
        let outcome = Outcome()
        let thread = try WorkerThread(to: "write a checkpoint", yielding: false) {
            [destination, copy, recorder] in
            let result = recorder.span("write checkpoint \(state.step)", "checkpoint", on: .checkpoints) {
                Result { try destination.write(copy.checkpoint(state), isBest: isBest) }
            }
            outcome.set(result)
        }
        current = Write(step: state.step, start: .now, thread: thread, outcome: outcome)
        return delay
    }

    /// Whether the write begun last is known to have failed; `finish` throws its error.
    public var hasFailed: Bool {
        if case .failure = current?.outcome.result { true } else { false }
    }

    /// Waits until nothing is being written.
    /// - Throws: what the last write threw, once.
    public func finish() throws {
        _ = try waitForCurrent()
    }

    private func waitForCurrent() throws -> CheckpointDelay? {
        guard let write = current else { return nil }
        current = nil
        let isDone = write.outcome.result != nil
        let asked = ContinuousClock.now
        if !isDone { destination.isAwaited(step: write.step) }
        write.thread.join()
        try write.outcome.result?.get()
        guard !isDone else { return nil }
        return CheckpointDelay(
            step: write.step, secondsBetween: (asked - write.start) / .seconds(1),
            secondsToWrite: (.now - write.start) / .seconds(1))
    }
}

/// How a write ended, which the writing thread tells the other.
private final class Outcome: @unchecked Sendable {
    private let lock = NSLock()
    private var stored: Result<Void, any Error>?

    /// Nil while it is under way.
    var result: Result<Void, any Error>? { lock.withLock { stored } }

    func set(_ result: Result<Void, any Error>) { lock.withLock { stored = result } }
}

/// Training stood still because checkpoints follow each other faster than they are written.
public struct CheckpointDelay: Hashable, Sendable, CustomStringConvertible {
    /// The step of the checkpoint that was not written yet.
    public let step: Int
    /// From it to the next checkpoint.
    public let secondsBetween: Double
    /// What writing it took.
    public let secondsToWrite: Double

    /// A delay as it was measured.
    public init(step: Int, secondsBetween: Double, secondsToWrite: Double) {
        self.step = step
        self.secondsBetween = secondsBetween
        self.secondsToWrite = secondsToWrite
    }

    public var description: String {
        String(
            format: "training waited for the checkpoint of step %d: the next one was due after %.2f s, but writing it "
                + "took %.2f s; write fewer (--checkpoint-every) or to a faster disk", step, secondsBetween,
            secondsToWrite)
    }
}
