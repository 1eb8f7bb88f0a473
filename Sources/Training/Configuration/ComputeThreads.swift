import Collectives
import Foundation

extension Communicator {
    /// Threads that this rank should compute with: the user's number, or this rank's share of the processors it may run
    /// on, which it shares with the ranks of its host that may run on exactly the same ones.
    ///
    /// All ranks must call it.
    /// - Parameters:
    ///   - requested: the user's number, or 0.
    ///   - warn: told on rank 0, once, of hosts whose ranks compute with more threads than there are processors for them.
    /// - Throws: failures of communication; what `warn` throws.
    public func computeThreads(requested: Int, warn: (String) throws -> Void = { _ in }) throws -> Int {
        try computeThreads(requested: requested, processors: allowedProcessors(), warn: warn)
    }

    /// - Parameter processors: the numbers of those that this rank may run on.
    package func computeThreads(
        requested: Int, processors: [Int], warn: (String) throws -> Void = { _ in }
    ) throws -> Int {
        let share = try processorsPerRank(processors)
        let threads = requested > 0 ? requested : share
        let hosts = try gather(host, to: 0)
        let counts = try gather([Int64(threads)], to: 0)
        let sets = try gather(processors.map(Int64.init), to: 0)
        if rank == 0 {
            let places = hosts.indices.map { rank in
                RankPlace(host: hosts[rank], processors: sets[rank].map(Int.init), threads: Int(counts[rank][0]))
            }
            if let warning = CrowdedHost.warning(for: places) { try warn(warning) }
        }
        return threads
    }

    /// Processors that this rank may run on, divided by the ranks of its host that may run on exactly the same ones; at
    /// least 1.
    ///
    /// All ranks must call it.
    /// - Throws: failures of communication.
    public func processorsPerRank() throws -> Int { try processorsPerRank(allowedProcessors()) }

    private func processorsPerRank(_ processors: [Int]) throws -> Int {
        // Ranks are told apart by host and set: where a launcher binds them, their sets differ.
        let key = "\(host) " + processors.map(String.init).joined(separator: ",")
        let sharing = try broadcast(try gather(key, to: 0), from: 0).count { $0 == key }
        return max(1, processors.count / max(1, sharing))
    }
}

/// The numbers of the processors that this thread may run on, from the kernel's list such as `0-3,8`.
package func allowedProcessors() -> [Int] {
    let status = (try? String(contentsOfFile: "/proc/thread-self/status", encoding: .utf8)) ?? ""
    let list = status.split(separator: "\n").first { $0.hasPrefix("Cpus_allowed_list:") }?.split(separator: "\t").last
    let processors = (list ?? "").split(separator: ",").flatMap { range in
        let bounds = range.split(separator: "-").compactMap { Int($0) }
        return bounds.isEmpty ? [] : Array(bounds[0]...bounds[bounds.count - 1])
    }
    return processors.isEmpty ? Array(0..<ProcessInfo.processInfo.activeProcessorCount) : processors
}
