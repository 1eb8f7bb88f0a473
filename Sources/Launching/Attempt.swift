import Collectives
import Foundation
import Reporting
import Watching

/// One run of mpirun.
struct Attempt {
    /// mpirun and its own options.
    let mpirun: [String]
    /// Nil to leave them to mpirun, and the number of ranks if that is nil, too.
    let hosts: [LaunchHost]?
    let ranks: Int?
    /// The program that is to run on each rank, and its arguments.
    let job: [String]
    /// Seconds that mpirun has to end when the job has.
    let grace: Double

    /// That a host is gone shows after ten seconds or so, instead of eight minutes.
    private static let variables = [
        "OMPI_MCA_oob_tcp_keepalive_time": "5", "OMPI_MCA_oob_tcp_keepalive_intvl": "2",
        "OMPI_MCA_oob_tcp_keepalive_probes": "3",
    ]

    /// Runs it to its end; afterwards nothing of it is left on this host.
    ///
    /// Signals are passed on: as SIGUSR1 if they ask to stop, as mpirun's answer to the others is to kill the ranks.
    /// - Throws: `StartError`; what writing the host file throws.
    func run(_ environment: [String: String], signals: SignalPipe, warn: (String) -> Void) throws -> AttemptResult {
        var environment = Self.variables.merging(environment) { $1 }
        var options: [String] = ranks.map { ["-n", String($0)] } ?? []
        let hostFile = FileManager.default.temporaryDirectory.appending(path: "aam-hosts-\(UUID().uuidString)").path
        if let hosts {
            try HostFile.text(hosts).write(toFile: hostFile, atomically: false, encoding: .utf8)
            options += ["--hostfile", hostFile]
            // One that is set bounds what another may name.
            environment["OMPI_MCA_orte_default_hostfile"] = hostFile
        }
        defer { if hosts != nil { unlink(hostFile) } }
        environment[Terminal.variable] = Terminal.path
        // Questions from before are not for this one.
        _ = signals.received()
        let process = try ChildProcess(mpirun + options + job, environment: environment)
        let result = follow(process, signals: signals)
        for left in LeftProcesses.end() { warn("process \(left) of the job does not end") }
        return result
    }

    private func follow(_ process: ChildProcess, signals: SignalPipe) -> AttemptResult {
        var result = AttemptResult(exitCode: 0)
        var end: Date?
        // Before it has, mpirun may have nobody to pass a signal to.
        var hasBegun = false
        while process.isRunning {
            OutputPipe.wait(for: [process.output, process.errors], or: signals.descriptor, seconds: 0.1)
            hasBegun = pass(process, &result.output) || hasBegun
            for signal in signals.received() where StopSignal(rawValue: signal) == nil { process.send(signal) }
            if result.stop == nil, let stop = signals.stop {
                result.stop = stop
                process.send(hasBegun ? SIGUSR1 : SIGTERM)
                if !hasBegun { end = Date() }
            }
            if end == nil, result.output.isEnd { end = Date() }
            let seconds = end.map { Date().timeIntervalSince($0) } ?? 0
            if seconds > grace, !result.didHang {
                result.didHang = true
                process.send(SIGTERM)
            } else if seconds > grace + 5 {
                process.end()
            }
        }
        _ = pass(process, &result.output)
        result.exitCode = process.exitCode ?? 0
        return result
    }

    /// - Returns: whether the job has written to standard output.
    private func pass(_ process: ChildProcess, _ output: inout AttemptOutput) -> Bool {
        let (text, errors) = (process.output.read(), process.errors.read())
        FileHandle.standardOutput.write(Data(text))
        FileHandle.standardError.write(Data(errors))
        output.take(errors)
        return !text.isEmpty
    }
}
