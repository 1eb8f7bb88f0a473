import Synchronization

/// Collects what a process's threads do when, to be written as a trace.
///
/// Recording takes a lock and no memory until `capacity` spans are recorded; later ones are counted and left out.
public final class SpanRecorder: Sendable {
    /// One thing that one thread did.
    public struct Span: Hashable, Sendable {
        public let name: String
        /// Groups spans of a kind, e.g. "forward".
        public let category: String
        public let track: Track
        /// Microseconds since the recorder's origin.
        public let start: Double
        /// Microseconds.
        public let duration: Double

        public init(name: String, category: String, track: Track, start: Double, duration: Double) {
            self.name = name
            self.category = category
            self.track = track
            self.start = start
            self.duration = duration
        }
    }

    /// The line of a trace on which a span is drawn.
    public enum Track: Int, CaseIterable, Sendable {
        case training, communication, checkpoints
    }

    private struct State {
        var spans: [Span] = []
        var origin = ContinuousClock.now
        var isRecording = false
        var leftOut = 0
    }

    private let state: Mutex<State>
    private let capacity: Int

    public init(capacity: Int = 200_000) {
        self.capacity = capacity
        state = Mutex(State())
    }

    /// Starts to record, from now as the origin.
    public func start() {
        state.withLock { state in
            state.spans.reserveCapacity(min(capacity, 20_000))
            state.origin = .now
            state.isRecording = true
        }
    }

    /// Ends recording and returns what was recorded, and how many spans there was no room for.
    public func stop() -> (spans: [Span], leftOut: Int) {
        state.withLock { state in
            state.isRecording = false
            defer { state.spans = [] }
            return (state.spans, state.leftOut)
        }
    }

    /// Records something that began at `start` and ends now.
    public func record(_ name: String, _ category: String, on track: Track, since start: ContinuousClock.Instant) {
        let end = ContinuousClock.now
        state.withLock { state in
            guard state.isRecording, start >= state.origin else { return }
            guard state.spans.count < capacity else {
                state.leftOut += 1
                return
            }
            state.spans.append(
                Span(
                    name: name, category: category, track: track,
                    start: (start - state.origin) / .microseconds(1), duration: (end - start) / .microseconds(1)))
        }
    }
}

extension SpanRecorder? {
    /// Does `body` and records it, if there is a recorder; the name is made only then.
    @inlinable
    public func span<Result, Failure: Error>(
        _ name: @autoclosure () -> String, _ category: String, on track: SpanRecorder.Track = .training,
        _ body: () throws(Failure) -> Result
    ) throws(Failure) -> Result {
        guard let self else { return try body() }
        let start = ContinuousClock.now
        let result = try body()
        self.record(name(), category, on: track, since: start)
        return result
    }
}
