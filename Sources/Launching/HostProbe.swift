import Foundation

/// Finds out which hosts answer.
public struct HostProbe: Sendable {
    /// By what mpirun would reach them.
    let agent: RemoteAgent
    /// The time that a host has.
    let seconds: Double

    public init(agent: RemoteAgent, seconds: Double) {
        self.agent = agent
        self.seconds = seconds
    }

    /// As many as mpirun starts at a time.
    private static let width = 128

    /// Runs `true` on all hosts that are not this one.
    /// - Returns: why some do not answer, by their names.
    /// - Throws: `StartError` if there is no such agent.
    package func failures(of hosts: [LaunchHost], environment: [String: String]) throws -> [String: String] {
        var failures: [String: String] = [:]
        let remote = hosts.filter { !LocalHost.isNamed($0.name) }
        for start in stride(from: 0, to: remote.count, by: Self.width) {
            let names = remote[start..<min(start + Self.width, remote.count)].map(\.name)
            let processes = try names.map { name in
                try ChildProcess(agent.probe(of: name, seconds: seconds), environment: environment)
            }
            failures.merge(reasons(of: Array(zip(names, processes)))) { $1 }
        }
        return failures
    }

    private func reasons(of probes: [(host: String, process: ChildProcess)]) -> [String: String] {
        let deadline = Date() + seconds
        var (failures, texts): ([String: String], [String: [UInt8]]) = ([:], [:])
        var running = probes
        while !running.isEmpty {
            OutputPipe.wait(for: running.map(\.process.errors), seconds: 0.02)
            let isLate = Date() > deadline
            running.removeAll { host, process in
                let isRunning = process.isRunning
                texts[host, default: []] += process.errors.read()
                guard !isRunning || isLate else { return false }
                if isRunning {
                    failures[host] = "no answer within \(Int(seconds)) s"
                } else if process.exitCode != 0 {
                    let lines = String(decoding: texts[host] ?? [], as: UTF8.self).split(whereSeparator: \.isNewline)
                    failures[host] = lines.last.map(String.init) ?? "exit code \(process.exitCode ?? 0)"
                }
                process.end()
                return true
            }
        }
        return failures
    }
}
