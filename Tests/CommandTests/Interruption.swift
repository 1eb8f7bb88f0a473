import Foundation
import TestSupport
import Testing

extension AAM {
    /// Starts a job and kills all its processes of the program, as a crash of their machine would, once a step stands
    /// in the run's `metrics.csv`.
    static func killAfter(step: Int, _ arguments: [String], output: String, ranks: Int?) throws {
        let job = Process()
        let binary = try builtProduct("aam")
        job.executableURL = URL(filePath: binary)
        job.arguments = arguments
        if let ranks {
            job.executableURL = URL(filePath: try #require(findInPath("mpirun")))
            job.arguments = ["--oversubscribe", "--bind-to", "none", "-n", String(ranks), binary] + arguments
        }
        let allowRoot = ["OMPI_ALLOW_RUN_AS_ROOT": "1", "OMPI_ALLOW_RUN_AS_ROOT_CONFIRM": "1"]
        job.environment = ProcessInfo.processInfo.environment.merging(allowRoot) { $1 }
        job.standardInput = FileHandle.nullDevice
        job.standardOutput = FileHandle.nullDevice
        job.standardError = FileHandle.nullDevice
        try job.run()
        let deadline = Date() + 60
        let row = #/\nstep,\d+,(\d+),/#
        while job.isRunning, Date() < deadline {
            let rows = try? text(of: "\(output)/metrics.csv").matches(of: row).map { Int($0.1) ?? 0 }
            if rows?.contains(where: { $0 >= step }) == true { break }
            usleep(2000)
        }
        #expect(job.isRunning, "the job ended before it could be killed")
        for process in ranks == nil ? [job.processIdentifier] : children(of: job.processIdentifier) {
            kill(process, SIGKILL)
        }
        job.waitUntilExit()
    }

    private static func children(of process: pid_t) -> [pid_t] {
        let threads = (try? names(in: "/proc/\(process)/task")) ?? []
        return threads.flatMap { thread in
            ((try? text(of: "/proc/\(process)/task/\(thread)/children")) ?? "").split(separator: " ")
                .compactMap { pid_t($0) }
        }
    }
}
