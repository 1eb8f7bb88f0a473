import ArgumentParser
import Collectives
import Diagnosis
import Foundation
import MPICollectives
import Reporting
import Watching

struct Doctor: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "doctor",
        abstract: "Look at this machine, or at all hosts of a job, for what would fail or slow a run.",
        discussion: """
            Libraries, processors, threads, memory, clocks, network, sums over the ranks, the data set and the output folder. What is
            the same on all ranks is shown once. Ends with exit code 1 if there are problems, and with 0 if there are only
            warnings or notes.

              aam doctor
              mpirun -n 64 --hostfile hosts aam doctor --dataset cub --data CUB_200_2011 --output runs/cub
            """)

    /// A network that MPI cannot use shows as a rank that waits for ever.
    private static let limits = WatchLimits(warning: 30, timeout: 600)

    @OptionGroup var source: DatasetArguments
    @Option(help: "A data set's folder to compare over the hosts.", completion: .directory) var data: String?
    @Option(help: "A run's folder to try.", completion: .directory) var output = "."
    @Option(help: "Threads a rank is to compute with; 0 for its share of the processors it may run on.") var threads = 0
    @Option(help: "Write everything that was seen as JSON.", completion: .file()) var json: String?

    func validate() throws {
        try require(threads >= 0, "threads", "at least 0", threads)
    }

    func run() throws {
        // Ranks that did not find each other would all tell the same.
        let launcher = Launcher(environment: ProcessInfo.processInfo.environment)
        var hasProblems = false
        var watch: JobWatch?
        func makeWatch(on communicator: any Communicator) throws -> any JobWatcher {
            // Leaves signals alone: there is nothing to save.
            let made = try JobWatch(on: communicator, Self.limits)
            watch = made
            return made
        }
        let code = runJob(watchedBy: makeWatch) { communicator in
            let diagnosis = try Examination(checks).run(
                on: watch?.communicator ?? communicator, recorder: watch?.recorder)
            let isAlone = communicator.size == 1
            if let diagnosis, !isAlone || launcher.rank ?? 0 == 0 { try report(diagnosis) }
            let problems = diagnosis?.hasProblems == true ? Int64(1) : 0
            hasProblems = try communicator.allreduce(problems, .max) == 1
        }
        throw ExitCode(code == 0 && hasProblems ? 1 : code)
    }

    private var checks: [any Check] {
        var checks: [any Check] = [
            LaunchCheck(), SoftwareCheck(version: AAM.configuration.version),
            ProcessorCheck(trialCommand: ["/proc/self/exe", TryInstructions.name]), ThreadsCheck(requested: threads),
            MemoryCheck(), ClockCheck(), NetworkCheck(), AllreduceCheck(),
        ]
        if let data { checks.append(DataCheck(folder: data, format: source.dataset, level: source.level)) }
        return checks + [OutputCheck(folder: output)]
    }

    private func report(_ diagnosis: Diagnosis) throws {
        for line in diagnosis.lines() { printLine(line) }
        if let json { try replaceJSON(json, with: diagnosis) }
    }
}
