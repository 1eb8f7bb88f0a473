import CSignals
import Collectives
import Foundation

/// The signals that a job takes: SIGINT, SIGTERM and SIGUSR1 ask it to stop, SIGUSR2 asks how it goes. To be made once in
/// a process.
public final class SignalPipe: Sendable {
    /// Readable when a signal has come.
    public let descriptor: Int32

    /// Catches the signals from now on.
    public init() {
        var ends: [Int32] = [-1, -1]
        precondition(pipe(&ends) == 0, "no pipe: \(String(cString: strerror(errno)))")
        for end in ends {
            _ = fcntl(end, F_SETFL, O_NONBLOCK)
            _ = fcntl(end, F_SETFD, FD_CLOEXEC)
        }
        descriptor = ends[0]
        CSignals_catch(ends[1])
    }

    /// The first signal that asked to stop.
    public var stop: StopSignal? { StopSignal(rawValue: CSignals_first()) }

    /// Whether a launcher that has sent SIGTERM may by now be killing the job's processes, one after the other, as Open
    /// MPI does a second later.
    var mayBeKilled: Bool { stop == .terminate && CSignals_seconds_since_first() > 0.8 }

    /// The signals that have come since the last call.
    public func received() -> [Int32] {
        var bytes = [UInt8](repeating: 0, count: 64)
        let count = bytes.withUnsafeMutableBytes { read(descriptor, $0.baseAddress, $0.count) }
        return bytes.prefix(max(0, count)).map(Int32.init)
    }

    /// Whether a fault is ending this process.
    static var isEnding: Bool { CSignals_is_ending() != 0 }

    /// Has faults told on a descriptor by the texts before and after the signal's number.
    /// - Parameter again: what a second signal that asks to stop leaves on standard error.
    static func reportEnd(on descriptor: Int32, before: String, after: String, again: String) {
        CSignals_report_end(descriptor, before, after, again)
    }
}
