import Collectives
import Models
import Tensors
import Tracing

/// The arena's gradients, cut into contiguous buckets: the last layer's are in the first, which a backward fills first.
///
/// Used by one thread at a time.
final class GradientBuckets: @unchecked Sendable {
    private let update: ParameterUpdate
    private let communicator: any Communicator
    private let wire: WireFormat
    private let recorder: SpanRecorder?
    /// The thread that reduces, in a trace.
    private let track: SpanRecorder.Track
    /// Floats of a bucket; the last one may have fewer.
    private let size: Int

    init(
        _ update: ParameterUpdate, on communicator: any Communicator, _ options: CommunicationOptions,
        recorder: SpanRecorder?, track: SpanRecorder.Track
    ) {
        precondition(options.bucketMebibytes > 0, "a bucket has at least one MiB")
        self.update = update
        self.communicator = communicator
        wire = options.wire
        self.recorder = recorder
        self.track = track
        size = options.bucketMebibytes << 20 / MemoryLayout<Float>.stride
    }

    var count: Int { (total + size - 1) / size }

    private var total: Int { update.optimizer.arena.count }

    /// Buckets that lie within the first Floats of the arena.
    func count(within prefix: Int) -> Int { prefix == total ? count : prefix / size }

    /// Sums a bucket's gradients over the ranks and moves its parameters by them, unless the update waits for all.
    /// - Throws: failures of communication.
    func reduce(_ bucket: Int, learningRate: Double) throws {
        let range = bucket * size..<min((bucket + 1) * size, total)
        update.addAccumulated(in: range)
        if communicator.size > 1 {
            try recorder.span("reduce bucket \(bucket)", "reduction", on: track) {
                try update.optimizer.arena.sumGradients(in: range, over: communicator, wire: wire)
            }
        }
        guard !update.needsAllGradients else { return }
        recorder.span("optimizer, bucket \(bucket)", "optimizer", on: track) {
            update.move(learningRate: learningRate, in: range)
        }
    }

    /// Ends a step whose buckets are all reduced.
    /// - Returns: its norms, if the update measures them.
    func finish(learningRate: Double) -> StepNorms? {
        if update.needsAllGradients {
            recorder.span("clipping and optimizer", "optimizer") {
                update.move(learningRate: learningRate, gradientScale: update.clippingScale, in: 0..<total)
            }
        }
        return update.finishStep()
    }
}
