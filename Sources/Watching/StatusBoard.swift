/// What rank 0 knows of all ranks. Time passes here only while rank 0 itself is awake, so that a job that was suspended
/// as a whole does not look as if its ranks had stalled.
public struct StatusBoard: Sendable {
    private struct Entry {
        var status: RankStatus
        /// Seconds since the rank's last word.
        var silence = 0.0
        /// Seconds since something last happened on it.
        var idleness = 0.0
    }

    private var entries: [Int: Entry] = [:]
    /// Seconds between two words of a rank.
    private let interval: Double

    public init(interval: Double = 1) { self.interval = interval }

    public mutating func receive(_ status: RankStatus) {
        let old = entries[status.rank]
        let isSame = old?.status.events == status.events
        entries[status.rank] = Entry(status: status, idleness: isSame ? old?.idleness ?? 0 : 0)
    }

    /// A rank has ended, and is not expected to say anything more.
    public mutating func remove(rank: Int) { entries[rank] = nil }

    public mutating func pass(seconds: Double) {
        for rank in entries.keys {
            entries[rank]?.silence += seconds
            entries[rank]?.idleness += seconds
        }
    }

    public func status(of rank: Int) -> RankStatus? { entries[rank]?.status }

    /// The ranks without progress for so many seconds, if there are any.
    public func stall(after seconds: Double) -> Stall? {
        let idle = entries.filter { $0.value.idleness >= seconds }
        // A rank may be silent for a moment because its host is busy, and the others wait for whoever is.
        let patience = min(max(5 * interval, seconds / 4), max(2.5 * interval, seconds))
        let silent = idle.filter { $0.value.silence >= patience }
        let busy = idle.filter { !$0.value.status.waitsForOthers }
        let kind: Stall.Kind = !silent.isEmpty ? .silence : !busy.isEmpty ? .idleness : .deadlock
        let culprits = !silent.isEmpty ? silent : !busy.isEmpty ? busy : idle
        guard let first = culprits.keys.min(), let status = entries[first]?.status else { return nil }
        // Where all wait for each other, some rank has not come to what the others are in.
        if kind == .deadlock, idle.count < entries.count { return nil }
        return Stall(
            kind: kind, ranks: culprits.keys.sorted(), status: status,
            seconds: culprits.values.map(\.idleness).max() ?? seconds, lines: lines)
    }

    /// What each rank is at; ranks at the same share a line.
    public var lines: [String] {
        var groups: [(text: String, ranks: [Int])] = []
        for (rank, entry) in entries.sorted(by: { $0.key < $1.key }) {
            let isSilent = entry.silence >= 5
            let text = entry.status.text + (isSilent ? ", silent for \(Int(entry.silence)) s" : "")
            if let place = groups.firstIndex(where: { $0.text == text }) {
                groups[place].ranks.append(rank)
            } else {
                groups.append((text, [rank]))
            }
        }
        let shown = groups.prefix(Self.lineLimit).map { "\(Stall.list($0.ranks)): \($0.text)" }
        return shown + (groups.count > Self.lineLimit ? ["and \(groups.count - Self.lineLimit) more"] : [])
    }

    private static let lineLimit = 8
}

/// Ranks that make no progress.
public struct Stall: Hashable, Sendable {
    public enum Kind: Sendable {
        /// Their processes do not answer.
        case silence
        /// Their processes answer, but do not get on with what they are at.
        case idleness
        /// All wait for each other.
        case deadlock
    }

    public let kind: Kind
    /// Those that the others wait for, ascending.
    public let ranks: [Int]
    /// Of the first of them.
    public let status: RankStatus
    public let seconds: Double
    /// What each rank is at.
    public let lines: [String]

    /// What is wrong, in a line and one a group of ranks.
    public var description: String {
        let time = "\(Int(seconds)) s"
        let who = "\(Self.list(ranks)) (\(status.host))"
        let what =
            switch kind {
            case .silence: "no sign of life from \(who) for \(time)"
            case .idleness: "no progress on \(who) for \(time): \(status.text)"
            case .deadlock: "no progress on any rank for \(time): all wait for each other"
            }
        return ([what] + lines.map { "  \($0)" }).joined(separator: "\n")
    }

    public var hint: String {
        switch kind {
        case .silence:
            "process \(status.process) on \(status.host) is stopped, or the host or its network is down: look there, and "
                + "start again with --resume auto on hosts that answer"
        case .idleness:
            "look at the disk or file server, and at process \(status.process) on \(status.host); a longer --stall-timeout "
                + "waits longer"
        case .deadlock:
            "look at the network between the hosts: a message may have been lost; start again with --resume auto"
        }
    }

    /// As in `rank 3` or `ranks 0-2, 5`.
    static func list(_ ranks: [Int]) -> String {
        var ranges: [ClosedRange<Int>] = []
        for rank in ranks {
            if let last = ranges.last, last.upperBound == rank - 1 {
                ranges[ranges.count - 1] = last.lowerBound...rank
            } else {
                ranges.append(rank...rank)
            }
        }
        let texts = ranges.map { $0.count == 1 ? "\($0.lowerBound)" : "\($0.lowerBound)-\($0.upperBound)" }
        return (ranks.count == 1 ? "rank " : "ranks ") + texts.joined(separator: ", ")
    }
}
