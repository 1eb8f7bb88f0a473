import Collectives
import Foundation
import Reporting
import Watching

/// Starts a job by mpirun, and again on the hosts that are left as long as that may bring it to its end.
public struct Supervisor {
    /// mpirun and its own options.
    public var mpirun: [String] = ["mpirun"]
    /// Nil to leave them to mpirun.
    public var hosts: [LaunchHost]?
    /// At most so many; nil for as many as the hosts take.
    public var ranks: Int?
    /// With fewer the job is given up.
    public var minimumRanks = 1
    public var restarts = 3
    /// Seconds from an end to the next start.
    public var delay = 5.0
    /// Seconds that mpirun has to end when the job has.
    public var grace = 20.0
    public var probe: HostProbe
    public var log: AttemptsFile?

    public init(probe: HostProbe) { self.probe = probe }

    /// Brings the job to its end. To be used once in a process, whose only children are those of the job.
    /// - Returns: the exit code for a scheduler.
    /// - Throws: what says that mpirun or the agent cannot be started; `ReportError` if the log cannot be written.
    public func run(_ job: any SupervisedJob) throws -> Int32 {
        let signals = SignalPipe()
        LeftProcesses.adopt()
        var exitCode = RetryableExit.communication
        for number in 1...(restarts + 1) {
            if number > 1 {
                say("attempt \(number) starts in \(Self.text(delay)) s")
                pause(signals)
            }
            let place = try findPlace()
            if let stop = signals.stop {
                say("stopped by \(stop) before attempt \(number)")
                return RetryableExit.signal(stop.rawValue)
            }
            guard place.isEnough else {
                say("given up: \(place.text), --min-ranks \(minimumRanks)")
                return exitCode
            }
            let (end, code) = try attempt(number, of: job, at: place, signals)
            guard end == .retryable else { return code }
            if job.isOver {
                say("the job had done its work before it ended")
                return 0
            }
            exitCode = code
        }
        say("given up after \(restarts + 1) attempts")
        return exitCode
    }

    // MARK: Where

    /// What an attempt may use.
    private struct Place {
        var hosts: [LaunchHost]?
        var ranks: Int?
        var missing: [String]
        var isEnough: Bool

        /// As in "3 ranks on node1 node2 (node3 does not answer)".
        var text: String {
            let count = ranks.map { "\($0) \($0 == 1 ? "rank" : "ranks")" } ?? "mpirun's choice of ranks"
            let list = hosts.map { $0.isEmpty ? "no host" : $0.names }
            let absent =
                missing.isEmpty
                ? "" : " (\(missing.joined(separator: " ")) \(missing.count == 1 ? "does" : "do") not answer)"
            return "\(count)\(list.map { " on \($0)" } ?? "")\(absent)"
        }
    }

    private func findPlace() throws -> Place {
        guard let hosts else { return Place(hosts: nil, ranks: ranks, missing: [], isEnough: true) }
        let failures = try failures(of: hosts)
        let left = hosts.filter { failures[$0.name] == nil }
        for host in hosts { if let reason = failures[host.name] { say("\(host.name) does not answer: \(reason)") } }
        let count = min(ranks ?? .max, left.slots)
        return Place(
            hosts: left, ranks: count, missing: hosts.map(\.name).filter { failures[$0] != nil },
            isEnough: count >= max(1, minimumRanks))
    }

    private func failures(of hosts: [LaunchHost]) throws -> [String: String] {
        try probe.failures(of: hosts, environment: ProcessInfo.processInfo.environment)
    }

    // MARK: One attempt

    private func attempt(
        _ number: Int, of job: any SupervisedJob, at place: Place, _ signals: SignalPipe
    ) throws -> (end: AttemptEnd, exitCode: Int32) {
        let step = job.step
        say("attempt \(number) of \(restarts + 1): \(place.text)\(step.map { ", from checkpoint-\($0)" } ?? "")")
        let attempt = Attempt(mpirun: mpirun, hosts: place.hosts, ranks: place.ranks, job: job.words, grace: grace)
        let start = Date()
        let result = try attempt.run(ProcessInfo.processInfo.environment, signals: signals, warn: say)
        let seconds = Date().timeIntervalSince(start)
        let end = try AttemptEnd(result) { try place.hosts.map { try !failures(of: $0).isEmpty } ?? false }
        let causes = [
            result.output.cause, result.didHang ? "mpirun did not end" : nil, result.stop.map { "stopped by \($0)" },
        ].compactMap(\.self)
        let cause = causes.isEmpty ? nil : causes.joined(separator: "; ")
        say(
            "attempt \(number) is \(end.rawValue) after \(Self.text(seconds)) s with exit code \(result.exitCode)"
                + (cause.map { ": \($0)" } ?? ""))
        try log?.append(
            AttemptsFile.Attempt(
                number: number, start: start, seconds: seconds, ranks: place.ranks,
                hosts: place.hosts?.map(\.name) ?? [LocalHost.name], step: step, exitCode: result.exitCode,
                end: end.rawValue, cause: cause))
        return (end, end.exitCode(of: result))
    }

    /// A signal ends it.
    private func pause(_ signals: SignalPipe) {
        let end = Date() + delay
        while signals.stop == nil, end.timeIntervalSinceNow > 0 {
            OutputPipe.wait(for: [], or: signals.descriptor, seconds: end.timeIntervalSinceNow)
            _ = signals.received()
        }
    }

    private static func text(_ seconds: Double) -> String { String(format: "%.0f", seconds) }

    private func say(_ text: String) {
        FileHandle.standardError.write(Data("launch: \(text)\n".utf8))
    }
}
