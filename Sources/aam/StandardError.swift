import Collectives
import Foundation

/// Messages of a command whose standard output is for its results.
struct StandardError {
    private let rank: Int
    private let isQuiet: Bool

    init(on communicator: any Communicator, isQuiet: Bool = false) {
        rank = communicator.rank
        self.isQuiet = isQuiet
    }

    /// Of this rank.
    func warning(_ message: String) { write("warning: rank \(rank): \(message)") }

    /// Of all ranks alike, which rank 0 tells.
    func warningOfJob(_ message: String) {
        if rank == 0 { write("warning: \(message)") }
    }

    /// What went as it should.
    func note(_ message: String) {
        if rank == 0, !isQuiet { write(message) }
    }

    private func write(_ line: String) { FileHandle.standardError.write(Data("\(line)\n".utf8)) }
}
