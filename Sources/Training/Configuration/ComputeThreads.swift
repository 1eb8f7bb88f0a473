import Collectives
import Foundation

extension Communicator {
    /// Threads that this rank should compute with: the user's number, or this rank's share of the processors it may run
    /// on, which it shares with the ranks of its host that may run on exactly the same ones.
    ///
    /// All ranks must call it.
    /// - Parameter requested: the user's number, or 0.
    /// - Throws: failures of communication.
    public func computeThreads(requested: Int) throws -> Int {
        let mine = allowedProcessors()
        // Ranks are told apart by host and set: where a launcher binds them, their sets differ.
        let key = "\(host) " + mine.map(String.init).joined(separator: ",")
        let all = try broadcast(try gather(key, to: 0), from: 0)
        let sharing = all.count { $0 == key }
        return requested > 0 ? requested : max(1, mine.count / max(1, sharing))
    }
}

/// The processors that this thread may run on, by number.
private func allowedProcessors() -> [Int] {
    var set = cpu_set_t()
    guard sched_getaffinity(0, MemoryLayout<cpu_set_t>.size, &set) == 0 else {
        return Array(0..<ProcessInfo.processInfo.activeProcessorCount)
    }
    return withUnsafeBytes(of: set) { bytes in
        (0..<8 * bytes.count).filter { bytes[$0 / 8] & (1 << ($0 % 8)) != 0 }
    }
}
