import Collectives
import Models
import Tracing

/// Turns gradients into an optimizer step over all ranks: sums them and moves the parameters, a bucket at a time, in a
/// thread of its own while the backward goes on.
///
/// Every element is summed over the ranks in the same order and moved by the same formula whatever bucket it is in and
/// whichever thread does it, so that neither changes a bit of the result. Where gradients are clipped, parameters move
/// after the last bucket.
public final class GradientReducer {
    /// Why there is no overlap, where it was asked for and cannot be; for the user.
    public let note: String?
    private let update: ParameterUpdate
    private let buckets: GradientBuckets
    /// nil where the calling thread reduces.
    private let thread: BucketThread?
    private let recorder: SpanRecorder?

    /// All ranks must call this, as a collective.
    /// - Throws: failures of communication.
    public init(
        _ update: ParameterUpdate, on communicator: any Communicator, _ options: CommunicationOptions,
        recorder: SpanRecorder? = nil
    ) throws {
        self.update = update
        self.recorder = recorder
        let isWanted = options.overlap && communicator.size > 1
        let isPossible = communicator.allowsConcurrentDuplicates
        note =
            isWanted && !isPossible
            ? "this MPI library supports one thread at a time: gradients are summed after each backward, not during it"
            : nil
        guard isWanted, isPossible else {
            buckets = GradientBuckets(update, on: communicator, options, recorder: recorder, track: .training)
            thread = nil
            return
        }
        // Synchronised batch norm uses the given communicator meanwhile.
        buckets = GradientBuckets(
            update, on: try communicator.duplicate(), options, recorder: recorder, track: .communication)
        thread = BucketThread(buckets)
    }

    /// Steps that are the optimizer's alone.
    /// - Throws: as the other initializer.
    public convenience init(
        _ optimizer: SGD, on communicator: any Communicator, _ options: CommunicationOptions
    ) throws {
        try self.init(ParameterUpdate(optimizer), on: communicator, options)
    }

    deinit { thread?.end() }

    /// Computes gradients that the next step adds to its own.
    /// - Parameter backward: sets all gradients of the arena.
    public func accumulate(backward: () throws -> Void) throws {
        try recorder.span("backward", "backward", backward)
        update.accumulate()
    }

    /// Makes a step.
    /// - Parameters:
    ///   - learningRate: of this step.
    ///   - measuringNorms: whether norms are wanted, on this rank; it changes nothing of the step.
    ///   - backward: sets all gradients of the arena; calls its argument with the Floats at the arena's start whose
    ///     gradients are final and whose parameters it does not need any more, at last with all.
    /// - Returns: the norms, if they were wanted.
    /// - Throws: what `backward` throws; failures of communication. After an error no step can be made.
    @discardableResult
    public func step(
        learningRate: Double, measuringNorms: Bool = false, backward: (_ completed: (Int) -> Void) throws -> Void
    ) throws -> StepNorms? {
        update.measuresNorms = measuringNorms
        guard let thread else {
            try recorder.span("backward", "backward") { try backward(note) }
            for bucket in 0..<buckets.count { try buckets.reduce(bucket, learningRate: learningRate) }
            return buckets.finish(learningRate: learningRate)
        }
        thread.begin(learningRate: learningRate)
        try recorder.span("backward", "backward") {
            try backward { prefix in
                thread.fill(buckets.count(within: prefix))
                note(completed: prefix)
            }
        }
        try recorder.span("wait for gradients", "wait") { try thread.finish() }
        return buckets.finish(learningRate: learningRate)
    }

    /// Lets a trace tell that the gradients of so many Floats at the arena's start are final.
    private func note(completed prefix: Int) {
        recorder?.record(
            "gradients to byte \(prefix * MemoryLayout<Float>.stride)", "gradients", on: .training, since: .now)
    }
}
