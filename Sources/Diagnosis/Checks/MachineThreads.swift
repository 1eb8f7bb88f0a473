import Foundation
import Training

/// The ranks of one machine and its processors. Findings leave the machine's name out.
struct MachineThreads {
    private let ranks: [Observed<ThreadsCheck.Observation>]

    /// - Parameter ranks: at least one.
    init(_ ranks: [Observed<ThreadsCheck.Observation>]) {
        precondition(!ranks.isEmpty, "a machine without ranks")
        self.ranks = ranks
    }

    /// The host's, or the hosts' that share the machine.
    var name: String {
        var hosts: [String] = []
        for rank in ranks where !hosts.contains(rank.site.host) { hosts.append(rank.site.host) }
        guard let last = hosts.popLast(), !hosts.isEmpty else { return ranks[0].site.host }
        return "\(hosts.joined(separator: ", ")) and \(last) (one machine)"
    }

    var findings: [Finding] { [crowded, siblings, unused, throttled].compactMap { $0 } }

    private var used: Set<Int> { Set(ranks.flatMap(\.value.processors)) }
    private var threads: Int { ranks.reduce(0) { $0 + $1.value.threads } }

    private var crowded: Finding? {
        let places = ranks.map { rank in
            RankPlace(host: "", processors: rank.value.processors, threads: rank.value.threads)
        }
        guard let crowd = CrowdedHost.all(of: places).first else { return nil }
        let available = Set(ranks.flatMap(\.value.available)).count
        let hint =
            crowd.processors < available
            ? "give each rank processors of its own: \(mapping(processors: available))"
            : crowd.ranks > available
                ? "start at most \(Fact.count(available, "rank")) there"
                : "give a smaller --threads, or start fewer ranks"
        return Finding(
            .warning,
            "\(Fact.count(crowd.ranks, "rank")) compute\(crowd.ranks == 1 ? "s" : "") with "
                + "\(Fact.count(crowd.threads, "thread")) on \(Fact.count(crowd.processors, "processor")), which slows "
                + "every step", hint: hint)
    }

    /// Ranks on the hardware threads of one core.
    private var siblings: Finding? {
        var owners: [Int: Set<[Int]>] = [:]
        for rank in ranks {
            for core in Set(rank.value.cores) { owners[core, default: []].insert(rank.value.processors) }
        }
        let shared = owners.values.count { sets in
            sets.count > 1 && Set(sets.flatMap { $0 }).count == sets.reduce(0) { $0 + $1.count }
        }
        guard shared > 0 else { return nil }
        return Finding(
            .warning, "different ranks have hardware threads of the same \(shared == 1 ? "core" : "\(shared) cores")",
            hint: "bind ranks to whole cores: \(mapping(processors: Set(ranks.flatMap(\.value.cores)).count))")
    }

    /// Processors that no rank may run on, as when mpirun binds one or two ranks to a core each.
    private var unused: Finding? {
        let available = Set(ranks.flatMap(\.value.available))
        let idle = available.subtracting(used).count
        guard idle > 0, threads <= used.count else { return nil }
        let isMost = 2 * idle >= available.count
        return Finding(
            isMost ? .warning : .note,
            "\(idle) of \(Fact.count(available.count, "processor")) stay idle, as the ranks are bound to the others",
            hint: "\(mapping(processors: available.count))")
    }

    private var throttled: Finding? {
        guard let quota = ranks.compactMap(\.value.quota).min(), Double(threads) > quota + 0.01 else { return nil }
        return Finding(
            .warning,
            "\(Fact.count(threads, "thread")) share a quota of \(String(format: "%.3g", quota)) processors (cgroup "
                + "cpu.max), so that they are stopped in every step",
            hint:
                "raise the container's CPU limit to \(threads), or start ranks with \(Fact.count(Int(max(1, quota)), "thread")) in all"
        )
    }

    /// The options that give each of the ranks its share.
    private func mapping(processors: Int) -> String {
        let share = max(1, processors / ranks.count)
        switch ranks[0].value.launcher.kind {
        case .srun: return "srun --cpus-per-task=\(share) --cpu-bind=cores"
        case .none where ranks.count == 1: return "start it without taskset or another binding"
        default: return "mpirun --map-by ppr:\(ranks.count):node:pe=\(share) --bind-to core"
        }
    }
}
