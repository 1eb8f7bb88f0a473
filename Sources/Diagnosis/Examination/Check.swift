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
    /// With `CheckScope.rank` it may do collectives: all ranks do the same ones, whatever they see; with `.host` it does
    /// none. What it throws becomes a finding, but for a `CommunicationFailure`, which ends the job.
    func observe(at site: Site, on communicator: any Communicator) throws -> Observation

    /// What the table tells of one observation.
    func facts(in observation: Observation) -> [Fact]

    /// What is worth telling the user. Called on rank 0, with the observations of all ranks that did not throw.
    func findings(in observations: [Observed<Observation>]) -> [Finding]
}

/// Which ranks observe.
public enum CheckScope: Sendable {
    /// Every rank.
    case rank
    /// The lowest rank of each host, for all ranks there.
    case host
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
