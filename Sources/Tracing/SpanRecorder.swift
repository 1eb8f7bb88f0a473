import Synchronization

/// Knows what a process's threads are doing, and collects what they do when, to be written as a trace.
///
/// Recording takes a lock and no memory until `capacity` spans are recorded; later ones are counted and left out.
public final class SpanRecorder: Sendable {
    /// One thing that one thread did.
    public struct Span: Hashable, Sendable {
        /// As in "layer1.0.conv1 forward".
        public let name: String
        /// Groups spans of a kind, e.g. "forward".
        public let category: String
        /// Where it is drawn.
        public let track: Track
        /// Microseconds since the recorder's origin.
        public let start: Double
        /// Microseconds.
        public let duration: Double

        /// A span as it was measured, in microseconds.
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
        /// The thread that trains.
        case training
        /// The thread that sums gradients over the ranks.
        case communication
        /// The thread that writes checkpoints.
        case checkpoints
        /// The threads that read images.
        case loading
    }

    /// Something that a thread is at.
    public struct OpenSpan: Hashable, Sendable {
        /// As in "layer1.0.conv1 forward".
        public let name: String
        /// Groups spans of a kind, e.g. "forward".
        public let category: String
        /// The thread's.
        public let track: Track
        /// When the thread began it.
        public let start: ContinuousClock.Instant
    }

    private struct State {
        /// With the time that spans within them took, on the same track.
        var open: [(key: Int, span: OpenSpan, inner: Duration)] = []
        var trainingTimes: [String: Duration] = [:]
        /// Spans that have begun or ended.
        var events = 0
        var spans: [Span] = []
        var origin = ContinuousClock.now
        var isRecording = false
        var leftOut = 0

        /// A span of the thread that trains has ended, and is part of the one around it.
        mutating func count(_ duration: Duration, of category: String, less inner: Duration) {
            trainingTimes[category, default: .zero] += duration - inner
            guard let outer = open.lastIndex(where: { $0.span.track == .training }) else { return }
            open[outer].inner += duration
        }

        mutating func record(
            _ name: String, _ category: String, on track: Track, _ start: ContinuousClock.Instant,
            _ end: ContinuousClock.Instant, _ capacity: Int
        ) {
            guard isRecording, start >= origin else { return }
            guard spans.count < capacity else {
                leftOut += 1
                return
            }
            spans.append(
                Span(
                    name: name, category: category, track: track,
                    start: (start - origin) / .microseconds(1), duration: (end - start) / .microseconds(1)))
        }
    }

    private let state: Mutex<State>
    private let capacity: Int

    /// - Parameter capacity: spans that are kept for a trace, at most.
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

    /// What is going on, in the order of its beginning, and how many spans have begun or ended so far: the same number
    /// later means that nothing has happened meanwhile.
    public var activity: (open: [OpenSpan], events: Int) {
        state.withLock { ($0.open.map(\.span), $0.events) }
    }

    /// Seconds that the thread that trains has spent in spans of each category so far. What lies within another span
    /// counts for its own category alone.
    public var trainingSeconds: [String: Double] {
        state.withLock { $0.trainingTimes.mapValues { $0 / .seconds(1) } }
    }

    /// Something begins.
    /// - Returns: what `end` takes.
    public func begin(_ name: String, _ category: String, on track: Track) -> Int {
        let span = OpenSpan(name: name, category: category, track: track, start: .now)
        return state.withLock { state in
            state.events += 1
            state.open.append((state.events, span, .zero))
            return state.events
        }
    }

    /// What began under this key ends now.
    /// - Parameters:
    ///   - key: what `begin` returned.
    ///   - isRecorded: whether it belongs into the trace.
    public func end(_ key: Int, isRecorded: Bool = true) {
        let end = ContinuousClock.now
        state.withLock { state in
            state.events += 1
            guard let index = state.open.lastIndex(where: { $0.key == key }) else { return }
            let (_, span, inner) = state.open.remove(at: index)
            if span.track == .training { state.count(end - span.start, of: span.category, less: inner) }
            if isRecorded { state.record(span.name, span.category, on: span.track, span.start, end, capacity) }
        }
    }

    /// Records something that began at `start` and ends now.
    public func record(_ name: String, _ category: String, on track: Track, since start: ContinuousClock.Instant) {
        let end = ContinuousClock.now
        state.withLock { $0.record(name, category, on: track, start, end, capacity) }
    }
}

extension SpanRecorder? {
    /// Does `body` and records it unless it throws, if there is a recorder; the name is made only then.
    @inlinable
    public func span<Result, Failure: Error>(
        _ name: @autoclosure () -> String, _ category: String, on track: SpanRecorder.Track = .training,
        _ body: () throws(Failure) -> Result
    ) throws(Failure) -> Result {
        guard let self else { return try body() }
        let key = self.begin(name(), category, on: track)
        let result: Result
        do throws(Failure) {
            result = try body()
        } catch {
            self.end(key, isRecorded: false)
            throw error
        }
        self.end(key)
        return result
    }
}
