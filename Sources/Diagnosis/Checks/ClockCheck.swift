import Collectives
import Foundation

/// How far the hosts' clocks are from that of rank 0.
public struct ClockCheck: Check {
    public struct Observation: Codable, Sendable {
        /// Seconds that this rank's clock is ahead of rank 0's; nil for rank 0's own machine.
        let ahead: Double?
        /// Either way.
        let uncertainty: Double?
    }

    public let name = "clocks"
    public let scope = CheckScope.host
    private static let rounds = 30
    /// Seconds beyond which files of different hosts are in a wrong order for make, and logs hard to compare.
    private static let tolerance = 1.0
    /// The time of day in nanoseconds.
    private let now: @Sendable (_ rank: Int) -> Int64

    public init() {
        self.init { _ in
            var time = timespec()
            clock_gettime(CLOCK_REALTIME, &time)
            return Int64(time.tv_sec) * 1_000_000_000 + Int64(time.tv_nsec)
        }
    }

    package init(now: @escaping @Sendable (_ rank: Int) -> Int64) {
        self.now = now
    }

    public func observe(at site: Site, on communicator: any Communicator) throws -> Observation {
        var (enters, leaves): ([Int64], [Int64]) = ([], [])
        for _ in 0..<Self.rounds {
            enters.append(now(communicator.rank))
            try communicator.barrier()
            leaves.append(now(communicator.rank))
        }
        var (ofZero, untilZero) = (enters, leaves)
        try communicator.broadcast(&ofZero, from: 0)
        try communicator.broadcast(&untilZero, from: 0)
        let machine = try communicator.broadcast(site.machine, from: 0)
        guard machine != site.machine else { return Observation(ahead: nil, uncertainty: nil) }
        let skew = ClockSkew(enters: enters, leaves: leaves, ofReference: ofZero, untilReference: untilZero)
        return Observation(ahead: skew.ahead, uncertainty: skew.uncertainty)
    }

    public func facts(in observation: Observation) -> [Fact] {
        guard let ahead = observation.ahead, let uncertainty = observation.uncertainty else {
            return [Fact("ahead of rank 0", "the same clock")]
        }
        let isClear = abs(ahead) > uncertainty
        return [
            Fact(
                "ahead of rank 0",
                isClear
                    ? "\(Fact.text(seconds: ahead)) ± \(Fact.text(seconds: uncertainty))"
                    : "less than \(Fact.text(seconds: uncertainty + abs(ahead)))")
        ]
    }

    public func findings(in observations: [Observed<Observation>]) -> [Finding] {
        observations.compactMap { observed in
            guard let ahead = observed.value.ahead, let uncertainty = observed.value.uncertainty,
                abs(ahead) - uncertainty > Self.tolerance
            else { return nil }
            return Finding(
                .warning,
                "\(observed.site.host)'s clock is \(Fact.text(seconds: abs(ahead))) \(ahead > 0 ? "ahead of" : "behind") "
                    + "that of \(observations[0].site.host) (± \(Fact.text(seconds: uncertainty)))",
                hint: "let chrony or systemd-timesyncd set the clocks; times in logs and of files cannot be compared")
        }
    }
}

/// What barriers tell of two clocks: a rank leaves one after every rank has entered it.
///
/// With e and l the times of entering and leaving by a rank's clock, e' and l' by the reference's, and s the seconds that
/// the clock is ahead: l - s >= e' and l' >= e - s, so that e - l' <= s <= l - e'. The bounds of several rounds are
/// intersected.
package struct ClockSkew: Equatable {
    /// Seconds.
    package let ahead: Double
    /// Seconds either way.
    package let uncertainty: Double

    /// - Parameters: nanoseconds, one a round.
    package init(enters: [Int64], leaves: [Int64], ofReference: [Int64], untilReference: [Int64]) {
        precondition(!enters.isEmpty, "a skew from no rounds")
        let least = zip(enters, untilReference).map { $0 - $1 }.max() ?? 0
        let most = zip(leaves, ofReference).map { $0 - $1 }.min() ?? 0
        // A clock that is set in between leaves no value that fits all rounds.
        ahead = Double(least + most) / 2e9
        uncertainty = abs(Double(most - least)) / 2e9
    }
}
