import Collectives

/// What ranks let all others know with a step's losses, so that all act on it after the same step.
struct StepSignals: OptionSet {
    let rawValue: Int

    /// The checkpoint that is being written has failed.
    static let writeFailed = StepSignals(rawValue: 1)
    static let checkpointDue = StepSignals(rawValue: 2)
    private static let firstStop = 2

    init(rawValue: Int) { self.rawValue = rawValue }

    init(_ stop: StopSignal) {
        rawValue = StopSignal.allCases.firstIndex(of: stop).map { 1 << (Self.firstStop + $0) } ?? 0
    }

    /// The signal that asks to stop; of several, one that all ranks agree on.
    var stop: StopSignal? { StopSignal.allCases.first { isSuperset(of: StepSignals($0)) } }

    /// Each signal as a number that can be summed over the ranks.
    var counts: [Double] {
        (0..<Self.firstStop + StopSignal.allCases.count).map { rawValue >> $0 & 1 == 1 ? 1 : 0 }
    }

    /// The signals of all ranks.
    init(sums: ArraySlice<Double>) {
        rawValue = sums.enumerated().reduce(0) { $1.element > 0 ? $0 | 1 << $1.offset : $0 }
    }
}
