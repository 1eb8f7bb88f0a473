import Collectives
import Foundation
import MPICollectives

/// How the ranks were started, and whether they found each other.
public struct LaunchCheck: Check {
    public struct Observation: Codable, Sendable {
        let launcher: Launcher
        let size: Int
        /// Whether several threads may call the MPI library at the same time.
        let allowsThreads: Bool
        let isRoot: Bool
        /// Of a rank's own host.
        let localSize: Int
        let usesSharedMemory: Bool
        let ranksPerNode: Int?
        /// The user's settings of the MPI library that matter here, by their names.
        let settings: [String: String]
    }

    public let name = "launch"
    public let scope = CheckScope.rank
    private let environment: [String: String]

    public init(environment: [String: String] = ProcessInfo.processInfo.environment) {
        self.environment = environment
    }

    public func observe(at site: Site, on communicator: any Communicator) throws -> Observation {
        let options = MPIOptions(environment: environment)
        return Observation(
            launcher: Launcher(environment: environment), size: communicator.size,
            allowsThreads: communicator.allowsConcurrentDuplicates, isRoot: geteuid() == 0,
            localSize: communicator.localSize, usesSharedMemory: options.usesSharedMemory,
            ranksPerNode: options.ranksPerNode, settings: Self.settings(in: environment))
    }

    /// What mpirun's `--mca` and the environment set of the layers that move data and place ranks.
    static func settings(in environment: [String: String]) -> [String: String] {
        let prefix = "OMPI_MCA_"
        let layers = ["btl", "pml", "mtl", "coll", "osc", "oob_tcp_if", "rmaps_base_mapping", "hwloc_base_binding"]
        return Dictionary(
            uniqueKeysWithValues: environment.filter { $0.key.hasPrefix(prefix) }.map {
                (String($0.key.dropFirst(prefix.count)), $0.value)
            }
            .filter { name, _ in layers.contains { name == $0 || name.hasPrefix("\($0)_") } })
    }

    public func facts(in observation: Observation) -> [Fact] {
        let memory =
            observation.localSize == 1
            ? nil : observation.usesSharedMemory ? "shared memory" : "messages (AAM_SHARED_MEMORY=0)"
        let settings = observation.settings.sorted { $0.key < $1.key }.map { "\($0.key)=\($0.value)" }
        return [Fact("started by", observation.launcher.text + (observation.isRoot ? ", as root" : ""))]
            + (memory.map { [Fact("within a host", $0)] } ?? [])
            + (settings.isEmpty ? [] : [Fact("MPI settings", settings.joined(separator: ", "))])
    }

    public func findings(in observations: [Observed<Observation>]) -> [Finding] {
        guard let first = observations.first?.value else { return [] }
        var findings: [Finding] = []
        if let expected = first.launcher.size, expected != first.size {
            findings.append(
                Finding(
                    .problem,
                    "\(first.launcher.kind.rawValue) started \(Fact.count(expected, "rank")), but this one finds "
                        + "\(first.size == 1 ? "itself alone" : "\(first.size)"): each would train a model of its own",
                    hint: first.launcher.kind == .srun
                        ? "give srun the MPI library's plugin, as in srun --mpi=pmix (srun --mpi=list shows them), or use mpirun"
                        : "start it with the mpirun of the library that aam is linked with: see `ldd $(which aam) | grep mpi` "
                            + "and `mpirun --version`"))
        }
        if !first.allowsThreads {
            findings.append(
                Finding(
                    .warning,
                    "the MPI library does not let several threads call it, so gradients are summed after the "
                        + "backward and not during it", hint: "use a build with MPI_THREAD_MULTIPLE"))
        }
        if !first.usesSharedMemory, observations.contains(where: { $0.value.localSize > 1 }) {
            findings.append(
                Finding(
                    .warning,
                    "AAM_SHARED_MEMORY=0 makes the ranks of a host send messages, which is several times slower",
                    hint: "unset it"))
        }
        if let ranks = first.ranksPerNode {
            findings.append(
                Finding(
                    .note, "AAM_RANKS_PER_NODE=\(ranks) takes each \(Fact.count(ranks, "rank")) of a host for a host",
                    hint: "unset it, unless you want to try what happens between hosts"))
        }
        return findings
    }
}
