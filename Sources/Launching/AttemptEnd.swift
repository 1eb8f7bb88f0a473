import Collectives

/// How mpirun ended.
package struct AttemptResult {
    package var exitCode: Int32
    package var output: AttemptOutput
    /// It had to be ended after the job.
    package var didHang: Bool
    /// The job was asked to stop.
    package var stop: StopSignal?

    package init(
        exitCode: Int32, output: AttemptOutput = AttemptOutput(), didHang: Bool = false, stop: StopSignal? = nil
    ) {
        self.exitCode = exitCode
        self.output = output
        self.didHang = didHang
        self.stop = stop
    }
}

/// What an attempt's end means for the job.
package enum AttemptEnd: String {
    /// It has done its work.
    case done
    /// It was asked to stop.
    case stopped
    /// It would fail again.
    case failed
    /// It may well be brought to its end by another attempt.
    case retryable

    /// - Parameter lostHosts: whether hosts of the attempt do not answer; asked only where it decides.
    package init(_ result: AttemptResult, lostHosts: () throws -> Bool) rethrows {
        if result.exitCode == 0, !result.didHang {
            self = .done
        } else if result.exitCode < 128, !result.didHang, result.output.banner != nil {
            self = .failed
        } else if result.stop != nil {
            self = .stopped
        } else if result.didHang || result.exitCode >= 128 {
            self = .retryable
        } else {
            // Nothing that aam has said: a mistake in mpirun's options, or the loss of a host.
            self = try lostHosts() ? .retryable : .failed
        }
    }

    /// What a scheduler should take the end for, if no other attempt follows.
    package func exitCode(of result: AttemptResult) -> Int32 {
        switch self {
        case .done: 0
        case .failed: result.exitCode
        case .stopped:
            result.exitCode < 128 ? RetryableExit.signal(result.stop?.rawValue ?? 0) : result.exitCode
        case .retryable: result.exitCode < 128 ? RetryableExit.communication : result.exitCode
        }
    }
}
