/// What started this process as one of several, as its environment tells.
public struct Launcher: Codable, Hashable, Sendable {
    public enum Kind: String, Codable, Sendable {
        case mpirun, srun
        case pmi = "a PMI launcher"
        case none = "hand"
    }

    public let kind: Kind
    /// How many it started; nil if it does not tell.
    public let size: Int?
    /// This one's number among them.
    public let rank: Int?

    public init(environment: [String: String]) {
        func number(_ name: String) -> Int? { environment[name].flatMap { Int($0) } }
        if let size = number("OMPI_COMM_WORLD_SIZE") {
            (kind, self.size, rank) = (.mpirun, size, number("OMPI_COMM_WORLD_RANK"))
        } else if let size = number("SLURM_STEP_NUM_TASKS"), number("SLURM_PROCID") != nil {
            // Not SLURM_NTASKS, which a batch script has without having been started so many times.
            (kind, self.size, rank) = (.srun, size, number("SLURM_PROCID"))
        } else if let size = number("PMI_SIZE") {
            (kind, self.size, rank) = (.pmi, size, number("PMI_RANK"))
        } else {
            (kind, size, rank) = (environment["PMIX_RANK"] == nil ? .none : .pmi, nil, number("PMIX_RANK"))
        }
    }

    /// As in `mpirun, 4 ranks`.
    var text: String { size.map { "\(kind.rawValue), \(Fact.count($0, "rank"))" } ?? kind.rawValue }
}
