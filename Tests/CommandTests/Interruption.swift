import Foundation
import TestSupport
import Testing

/// A run that is under way, for a test that disturbs it.
struct RunUnderWay {
    let command: RunningCommand
    let folder: String
    private let ranks: Int?

    /// - Parameter ranks: how many mpirun starts; nil to start the program without it.
    init(_ arguments: [String], folder: String, ranks: Int?, environment: [String: String] = [:]) throws {
        let binary = try builtProduct("aam")
        self.folder = folder
        self.ranks = ranks
        command =
            if let ranks {
                try startMPIRun(ranks: ranks, binary, arguments: arguments, environment: environment)
            } else {
                try RunningCommand(binary, arguments: arguments, environment: environment)
            }
    }

    /// Waits until a step stands in the run's `metrics.csv`.
    func wait(forStep step: Int, sourceLocation: SourceLocation = #_sourceLocation) throws {
        let row = #/\nstep,\d+,(\d+),/#
        try wait(sourceLocation: sourceLocation) {
            let rows = try? text(of: "\(folder)/metrics.csv").matches(of: row).map { Int($0.1) ?? 0 }
            return rows?.contains { $0 >= step } == true
        }
    }

    func wait(sourceLocation: SourceLocation = #_sourceLocation, until condition: () throws -> Bool) throws {
        let deadline = Date() + 100
        while !(try condition()) {
            guard command.isRunning, Date() < deadline else {
                let (stdout, stderr) = try command.output
                Issue.record("the run ended, or waits in vain: \(stdout)\(stderr)", sourceLocation: sourceLocation)
                throw CancellationError()
            }
            usleep(2000)
        }
    }

    /// The processes of the program, in the order of their ranks.
    var processes: [pid_t] {
        guard ranks != nil else { return [command.process] }
        let threads = (try? names(in: "/proc/\(command.process)/task")) ?? []
        let children = threads.flatMap { thread in
            ((try? text(of: "/proc/\(command.process)/task/\(thread)/children")) ?? "").split(separator: " ")
                .compactMap { pid_t($0) }
        }
        return children.sorted { rank(of: $0) < rank(of: $1) }
    }

    private func rank(of process: pid_t) -> Int {
        let variables = ((try? text(of: "/proc/\(process)/environ")) ?? "").split(separator: "\0")
        let prefix = "OMPI_COMM_WORLD_RANK="
        return variables.first { $0.hasPrefix(prefix) }.flatMap { Int($0.dropFirst(prefix.count)) } ?? -1
    }
}

extension AAM {
    /// Starts a job and kills all its processes of the program, as a crash of their machine would, once a step stands
    /// in the run's `metrics.csv`.
    static func killAfter(step: Int, _ arguments: [String], output: String, ranks: Int?) throws {
        let run = try RunUnderWay(arguments, folder: output, ranks: ranks)
        try run.wait(forStep: step)
        for process in run.processes { kill(process, SIGKILL) }
        _ = try run.command.result()
    }
}
