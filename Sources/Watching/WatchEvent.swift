import Collectives
import Foundation

/// What a watch finds.
enum WatchEvent: Hashable, Sendable {
    /// To tell the user, once.
    case warning(String)
    /// To report, and to end the job for.
    case failure(WatchFailure)
    /// Another rank reports why: this one just ends.
    case end(exitCode: Int32)
}

/// What the watch reports of a rank that cannot do so itself.
struct WatchFailure: Hashable, Sendable {
    let rank: Int
    let host: String
    let what: String
    /// Where it was.
    let place: String?
    let hint: String
    let exitCode: Int32

    /// Of a rank that makes no progress.
    init(_ stall: Stall) {
        rank = stall.status.rank
        host = stall.status.host
        what = stall.description
        place = nil
        hint = stall.hint
        exitCode = RetryableExit.stall
    }

    /// Of a process that has ended without a word.
    init(lost rank: Int, host: String, _ status: RankStatus?) {
        self.rank = rank
        self.host = host
        what = "the process is gone: it was killed, or its host or network went down"
        place = status.map(Self.place)
        hint =
            "if the host ran out of memory, its kernel's log says so (dmesg): give fewer images a rank, or fewer ranks a "
            + "host; otherwise start again with --resume auto"
        exitCode = RetryableExit.signal(9)
    }

    /// Of a process that a fault ends.
    init(fault signal: Int32, rank: Int, host: String, _ status: RankStatus?) {
        self.rank = rank
        self.host = host
        what = Self.words(ofFault: signal)
        place = status.map(Self.place)
        hint = Self.hintOfFault
        exitCode = RetryableExit.signal(signal)
    }

    private static func place(_ status: RankStatus) -> String {
        "process \(status.process), last heard of in \(status.text)"
    }

    static let hintOfFault =
        "an error in the program, or memory that could not be had: see what else it wrote, and report it; --resume auto "
        + "goes on from the last checkpoint"

    static func words(ofFault signal: Int32) -> String {
        let names = [
            SIGSEGV: "SIGSEGV", SIGBUS: "SIGBUS", SIGILL: "SIGILL", SIGTRAP: "SIGTRAP", SIGFPE: "SIGFPE",
            SIGABRT: "SIGABRT",
        ]
        return "the program was ended by signal \(signal)\(names[signal].map { " (\($0))" } ?? "")"
    }
}
