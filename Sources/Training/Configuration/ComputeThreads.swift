import Collectives
import Foundation

extension Communicator {
    /// Threads that this rank should compute with.
    ///
    /// - Parameter requested: the user's number, or 0 for this rank's share of the processors it may run on: all of
    ///   them if the launcher bound it to some of the host's, else an equal part for each rank of the host.
    public func computeThreads(requested: Int) -> Int {
        if requested > 0 { return requested }
        let allowed = ProcessInfo.processInfo.activeProcessorCount
        let isBound = allowed < ProcessInfo.processInfo.processorCount
        return max(1, isBound ? allowed : allowed / localSize)
    }
}
