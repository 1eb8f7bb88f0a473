import Collectives
import Tracing

/// All checks of a job, one after the other.
public struct Examination: Sendable {
    private let checks: [any Check]

    public init(_ checks: [any Check]) {
        self.checks = checks
    }

    /// Has all ranks look, which all must call this. The result on rank 0, nil on the others.
    /// - Parameter recorder: told what this rank looks at, for whoever asks what it hangs in.
    /// - Throws: failures of communication; what a check throws is in the result.
    public func run(on communicator: any Communicator, recorder: SpanRecorder? = nil) throws -> Diagnosis? {
        let sites = try Site.all(on: communicator)
        let results = try checks.map { check in
            try recorder.span(check.name, "check") { try check.examine(sites, on: communicator) }
        }
        return communicator.rank == 0 ? Diagnosis(sites: sites, results: results.compactMap { $0 }) : nil
    }
}
