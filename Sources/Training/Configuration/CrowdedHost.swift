/// Where a rank runs, and with how many threads it computes.
package struct RankPlace {
    package let host: String
    /// The numbers of those it may run on.
    package let processors: [Int]
    package let threads: Int

    package init(host: String, processors: [Int], threads: Int) {
        self.host = host
        self.processors = processors
        self.threads = threads
    }
}

/// A host whose ranks compute with more threads than there are processors that any of them may run on.
///
/// Threads that load images or write a checkpoint are not counted: the first yield, the second are rare.
package struct CrowdedHost: Hashable, CustomStringConvertible {
    package let host: String
    package let ranks: Int
    package let threads: Int
    package let processors: Int

    /// The crowded hosts of a job, in the order of their first ranks.
    package static func all(of places: [RankPlace]) -> [CrowdedHost] {
        var hosts: [String] = []
        for place in places where !hosts.contains(place.host) { hosts.append(place.host) }
        let ofHost = Dictionary(grouping: places, by: \.host)
        return hosts.compactMap { host in
            let places = ofHost[host] ?? []
            let threads = places.reduce(0) { $0 + $1.threads }
            let processors = Set(places.flatMap(\.processors)).count
            guard threads > processors else { return nil }
            return CrowdedHost(host: host, ranks: places.count, threads: threads, processors: processors)
        }
    }

    /// What the user should know of the job's crowded hosts; nil if there are none.
    package static func warning(for places: [RankPlace]) -> String? {
        let hosts = all(of: places)
        guard let first = hosts.first else { return nil }
        return hosts.count == 1 ? "\(first)" : "\(first); the same goes for \(hosts.count - 1) more of the job's hosts"
    }

    package var description: String {
        func count(_ number: Int, _ noun: String) -> String { "\(number) \(noun)\(number == 1 ? "" : "s")" }
        let remedy =
            ranks > 1
            ? "start fewer ranks there, give a smaller --threads, or let mpirun --bind-to core give each rank its own"
            : "give a smaller --threads, or let the rank run on more cores"
        return
            "on \(host), \(count(ranks, "rank")) compute\(ranks == 1 ? "s" : "") with \(count(threads, "thread")) in all "
            + "on \(count(processors, "core")), which slows every step: \(remedy)"
    }
}
