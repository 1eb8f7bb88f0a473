import Collectives
import Foundation

/// True if mpirun or another launcher started this process as one rank of a job.
public func isLaunchedAsRank(
    environment: [String: String] = ProcessInfo.processInfo.environment
) -> Bool {
    ["OMPI_COMM_WORLD_SIZE", "PMIX_RANK", "PMI_RANK"].contains { environment[$0] != nil }
}

/// Runs `body` as this rank's part of the job, or alone if no launcher started the process, and reports a failure once
/// for the whole job; see `runJob(on:)`. To be used once, as `exit(runJob { communicator in … })`.
///
/// Without a launcher MPI is not initialised, which would cost start-up time.
/// - Parameters:
///   - program: as the report names it.
///   - options: of the communicator.
///   - makeWatcher: makes what watches over the job.
///   - body: this rank's part, with the job's ranks.
/// - Returns: the exit code. Does not return if the job was aborted.
public func runJob(
    program: String = "aam", options: MPIOptions = MPIOptions(environment: ProcessInfo.processInfo.environment),
    watchedBy makeWatcher: (any Communicator) throws -> (any JobWatcher)? = { _ in nil },
    _ body: (any Communicator) throws -> Void
) -> Int32 {
    guard isLaunchedAsRank() else {
        let alone = SingleProcess()
        return runJob(on: alone, program: program, watchedBy: { try makeWatcher(alone) }, { try body(alone) })
    }
    let communicator: MPICommunicator
    do {
        communicator = try MPICommunicator(options: options)
    } catch {
        FailureBanner(program: program, JobFailure(error), on: SingleProcess()).print()
        return 1
    }
    let exitCode = runJob(
        on: communicator, program: program, watchedBy: { try makeWatcher(communicator) }, { try body(communicator) })
    // All ranks come here or none does: an error of one rank alone has aborted the job.
    return runJob(on: communicator, program: program) { try communicator.finalize() } == 0 ? exitCode : 1
}
