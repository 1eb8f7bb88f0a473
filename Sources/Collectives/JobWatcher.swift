/// Watches over a job while it runs, on every rank.
public protocol JobWatcher: AnyObject, Sendable {
    /// Where the run stands, for the report of a failure; nil before there is anything to say.
    var standing: String? { get }

    /// The run's log, which gets the report too; nil where there is none.
    var log: String? { get }

    /// Asked by a rank that is about to report a failure, and then to end the job with this exit code.
    /// - Returns: whether it is the first of all ranks; nil if the watch cannot tell.
    func mayReport(exitCode: Int32) -> Bool?

    /// This rank's part is over: from here on its silence means nothing.
    func finish()
}

/// Exit codes of a job that the same command, with `--resume auto`, may well bring to its end. All are at least 128; a
/// failure that would come again has one below.
public enum RetryableExit {
    /// Communication failed: a rank, its host or the network.
    public static let communication: Int32 = 200
    /// A rank made no progress.
    public static let stall: Int32 = 201
    /// A process was ended by a signal, as shells report it.
    public static func signal(_ number: Int32) -> Int32 { 128 + number }
}

/// A signal that asks a job to stop.
public enum StopSignal: Int32, CaseIterable, Sendable, CustomStringConvertible {
    /// SIGINT
    case interrupt = 2
    /// SIGUSR1
    case user = 10
    /// SIGTERM
    case terminate = 15

    public var description: String {
        switch self {
        case .interrupt: "SIGINT"
        case .user: "SIGUSR1"
        case .terminate: "SIGTERM"
        }
    }
}

/// The end of a job that was asked to stop: all ranks throw it alike, and nothing has failed.
public struct JobInterruption: AgreedFailure, ExplainedError, Equatable {
    /// The one that stopped the job.
    public let signal: StopSignal
    public let rank = 0
    public let host: String

    /// The end that `signal` brought about, reported by a rank of this host.
    public init(_ signal: StopSignal, host: String) {
        self.signal = signal
        self.host = host
    }

    public var description: String { "stopped by \(signal)" }
    public var exitCode: Int32 { RetryableExit.signal(signal.rawValue) }
}
