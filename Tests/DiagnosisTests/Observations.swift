import Diagnosis
import Foundation

/// What a rank could have seen, from the JSON that ranks send.
func observed<Observation: Decodable & Sendable>(
    _ type: Observation.Type, _ json: String, rank: Int = 0, host: String = "a", machine: String? = nil
) throws -> Observed<Observation> {
    Observed(
        try JSONDecoder().decode(type, from: Data(json.utf8)),
        at: Site(rank: rank, host: host, machine: machine ?? host, isFirstOfHost: rank == 0))
}

extension [Finding] {
    /// As in `warning: message -> hint`.
    var texts: [String] { map { "\($0.severity): \($0.message) -> \($0.hint)" } }
}
