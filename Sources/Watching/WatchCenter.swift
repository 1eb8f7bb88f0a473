import Collectives
import Foundation

/// Rank 0's place in the watch: the others tell it what they do, and it tells them that it lives.
final class WatchCenter: WatchPost, @unchecked Sendable {
    private let limits: WatchLimits
    private let size: Int
    private let contact: WatchContact?
    private let listener: Int32?
    private let lock = NSLock()
    // Guarded by the lock.
    private var strangers: [LineConnection] = []
    private var members: [Int: LineConnection] = [:]
    private var hosts: [Int: String] = [:]
    private var board: StatusBoard
    private var hasWarned = false
    private var isQuiet = false
    private var reportedExitCode: Int32?

    /// - Parameters:
    ///   - listener: a socket that listens; nil for a rank that is alone, or not to be reached.
    ///   - contact: what it told the others.
    init(listener: Int32?, contact: WatchContact?, size: Int, limits: WatchLimits) {
        self.listener = listener
        self.contact = contact
        self.size = size
        self.limits = limits
        board = StatusBoard(interval: limits.interval)
    }

    var descriptors: [Int32] {
        lock.withLock { (listener.map { [$0] } ?? []) + (strangers + members.values).map(\.descriptor) }
    }

    var faultDescriptor: Int32? { lock.withLock { deputy.flatMap { members[$0]?.descriptor } } }

    var lines: [String] { lock.withLock { board.lines } }

    /// Stands in for this rank when it can no longer speak.
    private var deputy: Int? { members.keys.min() }

    func attend() -> [WatchEvent] {
        lock.withLock {
            greet() + members.keys.sorted().flatMap(hear)
        }
    }

    private func greet() -> [WatchEvent] {
        guard let listener, let contact else { return [] }
        var events: [WatchEvent] = []
        while case let descriptor = accept(listener, nil, nil), descriptor >= 0 {
            strangers.append(LineConnection(descriptor: descriptor))
        }
        strangers.removeAll { stranger in
            guard let lines = stranger.receive() else { return true }
            guard let line = lines.first else { return false }
            if case .hello(contact.token, let rank, let host)? = WatchMessage(line), (1..<size).contains(rank) {
                members[rank] = stranger
                hosts[rank] = host
                events += hear(lines.dropFirst(), from: rank)
            }
            return true
        }
        return events
    }

    private func hear(_ rank: Int) -> [WatchEvent] {
        guard let connection = members[rank] else { return [] }
        guard let lines = connection.receive() else {
            let failure = WatchFailure(lost: rank, host: hosts[rank] ?? "?", board.status(of: rank))
            forget(rank)
            return isQuiet ? [] : [.failure(failure)]
        }
        return hear(lines[...], from: rank)
    }

    private func hear(_ lines: ArraySlice<Substring>, from rank: Int) -> [WatchEvent] {
        for line in lines {
            switch WatchMessage(line) {
            case .status(let status):
                board.receive(status)
            case .ended(let signal):
                let status = board.status(of: rank)
                forget(rank)
                if StopSignal(rawValue: signal) != nil { return [.end(exitCode: RetryableExit.signal(signal))] }
                return isQuiet
                    ? [] : [.failure(WatchFailure(fault: signal, rank: rank, host: hosts[rank] ?? "?", status))]
            case .reporting(let exitCode):
                let answer = reportedExitCode.map(WatchMessage.reported) ?? .mayReport
                members[rank]?.send(answer.line)
                if isQuiet { return [] }
                tellReported(exitCode, besides: rank)
                return [.end(exitCode: exitCode)]
            case .leave:
                forget(rank)
                return []
            case .hello, .alive, .mayReport, .reported, .end, nil:
                break
            }
        }
        return []
    }

    private func forget(_ rank: Int) {
        members[rank] = nil
        board.remove(rank: rank)
    }

    func tick(seconds: Double, own: RankStatus) -> [WatchEvent] {
        lock.withLock {
            board.pass(seconds: seconds)
            board.receive(own)
            for (rank, connection) in members {
                connection.send(WatchMessage.alive(isDeputy: rank == deputy, own).line)
            }
            if isQuiet { return [] }
            if limits.timeout > 0, let stall = board.stall(after: limits.timeout) {
                return [.failure(WatchFailure(stall))]
            }
            guard limits.warning > 0, let stall = board.stall(after: limits.warning) else {
                hasWarned = false
                return []
            }
            if hasWarned { return [] }
            hasWarned = true
            return [.warning(stall.description)]
        }
    }

    func mayReport(exitCode: Int32) -> Bool? {
        lock.withLock {
            if isQuiet { return false }
            tellReported(exitCode)
            return listener == nil ? nil : true
        }
    }

    func hush(exitCode: Int32) { lock.withLock { tellReported(exitCode) } }

    private func tellReported(_ exitCode: Int32, besides rank: Int? = nil) {
        isQuiet = true
        reportedExitCode = exitCode
        for (member, connection) in members where member != rank {
            connection.send(WatchMessage.reported(exitCode: exitCode).line)
        }
    }

    func announce(exitCode: Int32) {
        lock.withLock {
            isQuiet = true
            for connection in members.values { connection.send(WatchMessage.end(exitCode: exitCode).line) }
        }
    }

    func leave() {
        lock.withLock {
            isQuiet = true
            for connection in members.values { connection.send(WatchMessage.leave.line) }
        }
    }
}
