import Collectives
import Foundation

/// Memory, and the limits on what processes share and hold.
public struct MemoryCheck: Check {
    public struct Observation: Codable, Sendable {
        /// Bytes.
        let total, available, swap: Int
        /// Of the control group; nil without one.
        let limit: Int?
        /// Of /dev/shm; nil if there is none.
        let sharedSize, sharedFree: Int?
        let openFiles: Int
        /// Bytes; nil without a limit.
        let lockedMemory: Int?
        let hasInfiniBand: Bool
        /// Ranks of the host, and of the job.
        let ranks, size: Int
    }

    public let name = "memory"
    public let scope = CheckScope.firstOfHost

    /// What one rank takes at least: ResNet-50 with attention, 16 images of 224 x 224 (README, Results).
    static let bytesOfARank = 2400 << 20
    /// What Open MPI and our window take of /dev/shm for a rank.
    static let sharedBytesOfARank = 16 << 20

    public init() {}

    public func observe(at site: Site, on communicator: any Communicator) throws -> Observation {
        let information = MemoryInformation(try KernelFile.text("/proc/meminfo"))
        let shared = FileSystem("/dev/shm")
        return Observation(
            total: information["MemTotal"] ?? 0, available: information["MemAvailable"] ?? 0,
            swap: information["SwapTotal"] ?? 0, limit: ControlGroup.current().memoryLimit,
            sharedSize: shared?.size, sharedFree: shared?.free, openFiles: limit(RLIMIT_NOFILE) ?? .max,
            lockedMemory: limit(__RLIMIT_MEMLOCK),
            hasInfiniBand: FileManager.default.fileExists(atPath: "/sys/class/infiniband"),
            ranks: communicator.localSize, size: communicator.size)
    }

    private func limit(_ resource: __rlimit_resource) -> Int? {
        var limit = rlimit()
        guard getrlimit(Int32(resource.rawValue), &limit) == 0 else { return nil }
        return limit.rlim_cur > UInt(Int.max) ? nil : Int(limit.rlim_cur)
    }

    public func facts(in observation: Observation) -> [Fact] {
        let gibibytes = 1_073_741_824.0
        func locked() -> String { observation.lockedMemory.map { Fact.text(bytes: $0) } ?? "unlimited" }
        return [
            Fact(
                "total",
                Fact.text(bytes: observation.total)
                    + (observation.swap > 0 ? ", swap \(Fact.text(bytes: observation.swap))" : ", no swap")),
            Fact("available", Double(observation.available) / gibibytes, "GiB"),
        ] + (observation.limit.map { [Fact("cgroup limit", Fact.text(bytes: $0))] } ?? []) + [
            Fact("/dev/shm", observation.sharedFree.map { "\(Fact.text(bytes: $0)) free" } ?? "none"),
            Fact(
                "limits",
                "\(observation.openFiles == .max ? "unlimited" : "\(observation.openFiles)") open files, \(locked()) locked memory"
            ),
        ]
    }

    public func findings(in observations: [Observed<Observation>]) -> [Finding] {
        let names = SiteNames(observations.map(\.site))
        return observations.flatMap { observed in
            let place = names.name([observed.site.rank]).map { "on \($0), " } ?? ""
            return Self.findings(observed.value).map {
                Finding($0.severity, place + $0.message, hint: $0.hint)
            }
        }
    }

    static func findings(_ memory: Observation) -> [Finding] {
        var findings: [Finding] = []
        let usable = min(memory.available, memory.limit ?? .max)
        let needed = memory.ranks * bytesOfARank
        if usable < needed {
            findings.append(
                Finding(
                    .warning,
                    "\(Fact.text(bytes: usable)) are available for \(Fact.count(memory.ranks, "rank")); ResNet-50 with 16 "
                        + "images of 224 x 224 a rank takes \(Fact.text(bytes: needed))",
                    hint: memory.limit.map { $0 < memory.available } == true
                        ? "raise the container's memory limit, or take smaller batches, images or models"
                        : "end other programs, start fewer ranks a host, or take smaller batches, images or models"))
        }
        let shared = memory.ranks * sharedBytesOfARank
        if memory.ranks > 1, (memory.sharedFree ?? 0) < shared {
            findings.append(
                Finding(
                    .problem,
                    "/dev/shm has \(Fact.text(bytes: memory.sharedFree ?? 0)) free, and \(memory.ranks) ranks share memory "
                        + "of up to \(Fact.text(bytes: shared)) there: they would end with a bus error",
                    hint:
                        "give the container more (docker --shm-size=1g; in Kubernetes an emptyDir of medium Memory on "
                        + "/dev/shm), or remove old files from it"))
        }
        if memory.openFiles < memory.size + 256 {
            findings.append(
                Finding(
                    .warning,
                    "\(memory.openFiles) files may be open at a time, too few for connections to \(memory.size) ranks",
                    hint: "ulimit -n 65536"))
        }
        if memory.hasInfiniBand, let locked = memory.lockedMemory, locked < 1 << 30 {
            findings.append(
                Finding(
                    .warning,
                    "only \(Fact.text(bytes: locked)) of memory may be locked, which InfiniBand needs for its buffers",
                    hint: "ulimit -l unlimited, in /etc/security/limits.conf and for Slurm in slurmd's service"))
        }
        return findings
    }
}
