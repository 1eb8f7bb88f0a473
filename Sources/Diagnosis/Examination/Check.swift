import Collectives

/// One thing that `aam doctor` looks at. A new one takes a file with a type of this kind and a line in
/// `Examination.checks`.
public protocol Check: Sendable {
    /// What one rank saw.
    associatedtype Observation: Codable & Sendable

    /// As the report names it, in a word or two.
    var name: String { get }
    /// Who looks.
    var scope: CheckScope { get }

    /// Looks, on this rank.
    ///
    /// Collectives are for all ranks alike, whatever they see, and not for `CheckScope.firstOfHost`. What it throws becomes a finding, but for a `CommunicationFailure`, which ends the job.
    func observe(at site: Site, on communicator: any Communicator) throws -> Observation

    /// What the table tells of one observation.
    func facts(in observation: Observation) -> [Fact]

    /// What is worth telling the user. Called on rank 0, with the observations of all ranks that did not throw.
    func findings(in observations: [Observed<Observation>]) -> [Finding]
}

/// Which ranks look, and which tell what they saw.
public enum CheckScope: Sendable {
    /// Every rank looks and tells.
    case rank
    /// Every rank takes part, and the lowest of each host tells.
    case host
    /// The lowest rank of each host looks and tells; the others do nothing.
    case firstOfHost
}

/// An observation and where it was made.
public struct Observed<Observation: Sendable>: Sendable {
    public let site: Site
    public let value: Observation

    public init(_ value: Observation, at site: Site) {
        self.site = site
        self.value = value
    }
}
