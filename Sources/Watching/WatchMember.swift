import Collectives
import Foundation

/// Another rank's place in the watch: it tells rank 0 what it does, and notices when rank 0 is no longer there.
final class WatchMember: WatchPost, @unchecked Sendable {
    private let limits: WatchLimits
    private let contact: WatchContact
    private let rank: Int
    private let host: String
    private let lock = NSLock()
    // Guarded by the lock.
    private var connection: LineConnection?
    private var center: RankStatus?
    private var own: RankStatus?
    private var isDeputy = false
    private var silence = 0.0
    private var hasWarned = false
    private var isOver = false
    /// The connection has broken, with or without a word of why.
    private var isCut = false
    /// What this rank wants to report and end with, until rank 0 has answered whether it may.
    private var wantedExitCode: Int32?
    private var isFirstToReport: Bool?
    /// Of a job whose failure another rank reports.
    private var reportedExitCode: Int32?
    private let answered = DispatchSemaphore(value: 0)

    init(_ contact: WatchContact, rank: Int, host: String, limits: WatchLimits) {
        self.contact = contact
        self.rank = rank
        self.host = host
        self.limits = limits
    }

    /// Connects to rank 0 by the first of its addresses that answers.
    /// - Returns: what to tell the user if none does.
    func connect() -> String? {
        // Rank 0's own address may be hidden from its own host, but it always hears itself.
        for address in (contact.host == host ? ["127.0.0.1"] : []) + contact.addresses {
            guard let descriptor = Socket.connected(to: address, port: contact.port, seconds: 3) else { continue }
            let candidate = LineConnection(descriptor: descriptor)
            lock.withLock {
                // One that has ended meanwhile should not be missed.
                guard !isOver else { return }
                candidate.send(WatchMessage.hello(token: contact.token, rank: rank, host: host).line)
                if let wantedExitCode { candidate.send(WatchMessage.reporting(exitCode: wantedExitCode).line) }
                connection = candidate
            }
            return nil
        }
        return "cannot reach rank 0 (\(contact.host)) at port \(contact.port) of "
            + "\(contact.addresses.joined(separator: ", ")): rank \(rank) is not watched, so that nobody tells if it stalls"
    }

    var descriptors: [Int32] { lock.withLock { isOver ? [] : connection.map { [$0.descriptor] } ?? [] } }

    var faultDescriptor: Int32? { lock.withLock { connection?.descriptor } }

    var lines: [String] { lock.withLock { own.map { ["rank \(rank): \($0.text)"] } ?? [] } }

    func attend() -> [WatchEvent] {
        lock.withLock {
            guard let connection, !isOver else { return [] }
            guard let lines = connection.receive() else {
                isOver = true
                isCut = true
                if wantedExitCode != nil {
                    answered.signal()
                    return []
                }
                if let reportedExitCode { return [.end(exitCode: reportedExitCode)] }
                // What never spoke was not rank 0.
                guard let center else { return [] }
                let failure = WatchFailure(lost: 0, host: contact.host, center)
                return [isDeputy ? .failure(failure) : .end(exitCode: failure.exitCode)]
            }
            for line in lines {
                switch WatchMessage(line) {
                case .alive(let isDeputy, let status):
                    self.isDeputy = isDeputy
                    center = status
                    silence = 0
                    hasWarned = false
                case .ended(let signal):
                    isOver = true
                    if let reportedExitCode { return [.end(exitCode: reportedExitCode)] }
                    if StopSignal(rawValue: signal) != nil { return [.end(exitCode: RetryableExit.signal(signal))] }
                    return [.failure(WatchFailure(fault: signal, rank: 0, host: contact.host, center))]
                case .mayReport:
                    answer(true)
                    isOver = true
                case .reported(let exitCode):
                    answer(false)
                    reportedExitCode = exitCode
                case .end(let exitCode):
                    answer(false)
                    isOver = true
                    return [.end(exitCode: exitCode)]
                case .leave:
                    isOver = true
                    return []
                case .hello, .status, .reporting, nil:
                    break
                }
            }
            return []
        }
    }

    func tick(seconds: Double, own: RankStatus) -> [WatchEvent] {
        lock.withLock {
            self.own = own
            guard let connection, !isOver else { return [] }
            connection.send(WatchMessage.status(own).line)
            guard let center, reportedExitCode == nil else { return [] }
            silence += seconds
            func stall() -> Stall {
                Stall(
                    kind: .silence, ranks: [0], status: center, seconds: silence,
                    lines: ["rank 0: \(center.text)", "rank \(rank): \(own.text)"])
            }
            // If the deputy is gone too, one of the others speaks: the first to do so ends the job.
            let patience = limits.timeout + (isDeputy ? 0 : Double(5 + min(rank, 10)) * limits.interval)
            if limits.timeout > 0, silence >= patience {
                isOver = true
                return [.failure(WatchFailure(stall()))]
            }
            guard limits.warning > 0, silence >= max(limits.warning, 2.5 * limits.interval), isDeputy, !hasWarned
            else { return [] }
            hasWarned = true
            return [.warning(stall().description)]
        }
    }

    func mayReport(exitCode: Int32) -> Bool? {
        let isAsking = lock.withLock {
            guard !isOver, reportedExitCode == nil else { return false }
            wantedExitCode = exitCode
            connection?.send(WatchMessage.reporting(exitCode: exitCode).line)
            return true
        }
        // Rank 0 answers at once, unless it is stopped or out of reach.
        if isAsking { _ = answered.wait(timeout: .now() + 1) }
        // If rank 0 has ended, this process is ended too, and there is no more to tell.
        if lock.withLock({ isCut && reportedExitCode == nil }) { Thread.sleep(forTimeInterval: 2) }
        return lock.withLock {
            wantedExitCode = nil
            return reportedExitCode == nil ? isFirstToReport : false
        }
    }

    /// Only rank 0 can tell the others, and it is what this rank reports.
    func hush(exitCode: Int32) {}

    private func answer(_ isFirst: Bool) {
        guard wantedExitCode != nil else { return }
        wantedExitCode = nil
        isFirstToReport = isFirst
        answered.signal()
    }

    func announce(exitCode: Int32) {
        lock.withLock {
            isOver = true
            connection?.send(WatchMessage.reporting(exitCode: exitCode).line)
        }
    }

    func leave() {
        lock.withLock {
            isOver = true
            connection?.send(WatchMessage.leave.line)
        }
    }
}
