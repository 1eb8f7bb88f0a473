import ArgumentParser
import Collectives
import MPICollectives
import Watching

/// When the watch over the ranks speaks and acts.
struct WatchArguments: ParsableArguments {
    @Option(
        help: "Seconds without progress of a rank after which it is named, with what each rank is doing; 0 for never.")
    var stallWarning = WatchLimits().warning
    @Option(help: "Seconds without progress of a rank after which the job ends; 0 for never.")
    var stallTimeout = WatchLimits().timeout

    func validate() throws {
        try require(stallWarning >= 0, "stall-warning", "at least 0", stallWarning)
        try require(stallTimeout >= 0, "stall-timeout", "at least 0", stallTimeout)
    }
}

/// Runs `body` as this rank's part of a job that is watched and takes signals. To be used once in a process.
/// - Returns: the exit code.
func runWatchedJob(
    _ arguments: WatchArguments, _ body: (any Communicator, JobWatch) throws -> Void
) -> Int32 {
    let signals = SignalPipe()
    let limits = WatchLimits(warning: arguments.stallWarning, timeout: arguments.stallTimeout)
    var watch: JobWatch?
    func makeWatch(on communicator: any Communicator) throws -> any JobWatcher {
        let made = try JobWatch(on: communicator, limits, signals: signals)
        watch = made
        return made
    }
    return runJob(watchedBy: makeWatch) { _ in
        guard let watch else { preconditionFailure("a job begins with its watch") }
        try body(watch.communicator, watch)
    }
}
