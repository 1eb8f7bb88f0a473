import Tracing

/// What the ranks did in a step, in seconds, in the mean of the ranks. What is missing to the step's seconds are waits for
/// images and all else, such as writing to the run folder.
public struct StepTimes: Hashable, Sendable {
    /// Layers and losses forward.
    public var forward: Double
    /// Layers and losses backward.
    public var backward: Double
    /// Moving the parameters, unless it goes on while the backward does.
    public var optimizer: Double
    /// Sums over the ranks, as far as training waited for them, and for slower ranks in them.
    public var communication: Double

    /// Times in seconds.
    public init(forward: Double, backward: Double, optimizer: Double, communication: Double) {
        self.forward = forward
        self.backward = backward
        self.optimizer = optimizer
        self.communication = communication
    }
}

/// Counts this rank's seconds from the end of a step to that of the next.
struct StepClock {
    private let recorder: SpanRecorder
    private let start: ContinuousClock.Instant
    private let before: [String: Double]

    /// - Parameter start: when the step before ended, on all ranks alike.
    init(_ recorder: SpanRecorder, since start: ContinuousClock.Instant) {
        self.recorder = recorder
        self.start = start
        before = recorder.trainingSeconds
    }

    /// What this rank has done so far, to be summed over the ranks: as `times` takes it.
    var counts: [Double] {
        let now = recorder.trainingSeconds
        func seconds(_ categories: String...) -> Double {
            categories.reduce(0) { $0 + (now[$1] ?? 0) - (before[$1] ?? 0) }
        }
        return [
            seconds("forward"), seconds("backward"), seconds("optimizer"), seconds("wait", "reduction", "collective"),
            elapsed,
        ]
    }

    /// - Parameter sums: over the ranks, of the counts before the collective that ends the step.
    func times(_ sums: some Collection<Double>, ranks: Int) -> StepTimes {
        let means = sums.map { $0 / Double(ranks) }
        // All ranks leave that collective at the same time.
        let lastWait = ranks > 1 ? max(0, elapsed - means[4]) : 0
        return StepTimes(
            forward: means[0], backward: means[1], optimizer: means[2], communication: means[3] + lastWait)
    }

    static let countsCount = 5

    private var elapsed: Double { (ContinuousClock.now - start) / .seconds(1) }
}
