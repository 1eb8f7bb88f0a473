import Foundation

/// Runs `body` as this rank's part of a job, and reports its failure once for the whole job.
///
/// - An error that all ranks agreed on (`AgreedFailure`) is printed by the rank it concerns, and every rank returns
///   the same exit code.
/// - A job that was asked to stop (`JobInterruption`) returns its exit code without a report.
/// - Any other error leaves the ranks in different places: the rank prints it, and the job is aborted at once.
///
/// - Parameters:
///   - communicator: The job's ranks.
///   - program: As the report names it.
///   - patience: Seconds that a rank which lost contact with others gives the culprit to report the failure.
///   - makeWatcher: Makes what watches over the job from here to its end.
///   - body: This rank's part.
/// - Returns: the exit code, 0 if `body` succeeded. Does not return if the job was aborted.
public func runJob(
    on communicator: any Communicator, program: String = "aam", patience: Double = 2,
    watchedBy makeWatcher: () throws -> (any JobWatcher)? = { nil }, _ body: () throws -> Void
) -> Int32 {
    var watcher: (any JobWatcher)?
    do {
        watcher = try makeWatcher()
        try body()
        watcher?.finish()
        return 0
    } catch let error as any AgreedFailure {
        watcher?.finish()
        if error.rank == communicator.rank, !(error is JobInterruption) {
            FailureBanner(program: program, agreed: error, size: communicator.size, standing: watcher?.standing)
                .report(in: watcher?.log)
        }
        return JobFailure(error).exitCode
    } catch {
        // What one rank sees of another's end is no news: leave the report to that rank if it is still able to make
        // it, in which case this one is ended while it waits.
        if error is any CommunicationFailure { Thread.sleep(forTimeInterval: patience) }
        let failure = JobFailure(error)
        if watcher?.mayReport(exitCode: failure.exitCode) ?? communicator.claimFailureReport() {
            FailureBanner(program: program, failure, on: communicator, standing: watcher?.standing)
                .report(in: watcher?.log)
        } else {
            Thread.sleep(forTimeInterval: patience)
        }
        communicator.abort(exitCode: failure.exitCode)
    }
}

extension FailureBanner {
    fileprivate func report(in log: String?) {
        print()
        if let log { append(to: log) }
    }

    /// The banner of a failure that all ranks agreed on.
    public init(program: String = "aam", agreed failure: any AgreedFailure, size: Int, standing: String? = nil) {
        let explained = JobFailure(failure)
        var (what, place) = (explained.description, explained.place)
        if let rankFailure = failure as? RankFailure {
            what = rankFailure.message
            place = rankFailure.place.map { "\($0), while \(rankFailure.what)" } ?? "while \(rankFailure.what)"
        }
        self.init(
            program: program, rank: failure.rank, size: size, host: failure.host, what: what, place: place,
            hint: explained.hint, standing: standing)
    }

    /// The banner of an error on this rank alone. An error without a place gets this process's.
    public init(
        program: String = "aam", _ failure: JobFailure, on communicator: any Communicator, standing: String? = nil
    ) {
        let process = ProcessInfo.processInfo.processIdentifier
        self.init(
            program: program, rank: communicator.rank, size: communicator.size, host: communicator.host,
            what: failure.description,
            place: failure.place ?? "process \(process), in \(FileManager.default.currentDirectoryPath)",
            hint: failure.hint, standing: standing)
    }
}
