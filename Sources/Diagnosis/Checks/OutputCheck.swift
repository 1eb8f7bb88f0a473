import Collectives
import Foundation
import Safetensors

/// The folder that a run would write to: whether rank 0 can, how much space there is, and which hosts see it.
public struct OutputCheck: Check {
    public struct Observation: Codable, Sendable {
        /// The folder itself, or the one that it would be made in.
        let folder: String
        /// Seconds that rank 0 took to write 1 MiB and to wait until it was on the disk; nil on others.
        let writing: Double?
        /// Why rank 0 could not.
        let failure: String?
        /// Bytes.
        let free: Int?
        /// Whether this host has the file that rank 0 wrote; nil if it wrote none.
        let seesFile: Bool?
    }

    public let name = "output"
    public let scope = CheckScope.host
    /// Of a checkpoint of ResNet-50: weights and momentum.
    static let checkpointBytes = 2 * 102_000_000
    private let path: String

    public init(folder: String) {
        path = folder
    }

    public func observe(at site: Site, on communicator: any Communicator) throws -> Observation {
        let folder = Self.existing(path)
        let name = "\(folder)/.aam-doctor-\(getpid())-\(UInt64.random(in: 0 ..< .max))"
        var (writing, failure): (Double?, String?) = (nil, nil)
        if communicator.rank == 0 {
            do { writing = try Self.write(name) } catch { failure = String(describing: error) }
        }
        let written = try communicator.broadcast(failure == nil ? name : "", from: 0)
        let seesFile = written.isEmpty ? nil : access(written, F_OK) == 0
        try communicator.barrier()
        if communicator.rank == 0, failure == nil { unlink(name) }
        return Observation(
            folder: folder, writing: writing, failure: failure, free: FileSystem(folder)?.free, seesFile: seesFile)
    }

    /// The path itself as an absolute one, or what exists of it.
    static func existing(_ path: String) -> String {
        var url = URL(filePath: path).standardizedFileURL
        while access(url.path, F_OK) != 0, url.path != "/" { url.deleteLastPathComponent() }
        return url.path
    }

    /// Creates a file, and waits until it is on the disk. Seconds.
    private static func write(_ path: String) throws -> Double {
        let started = ContinuousClock.now
        do {
            let file = try FileDescriptor(creating: path)
            try file.write([UInt8](repeating: 0x5a, count: 1 << 20))
            try file.synchronize()
        } catch {
            unlink(path)
            throw error
        }
        return (ContinuousClock.now - started) / .seconds(1)
    }

    public func facts(in observation: Observation) -> [Fact] {
        let wanted = URL(filePath: path).standardizedFileURL.path
        let folder = wanted == observation.folder ? wanted : "\(wanted), to be made in \(observation.folder)"
        return [Fact("folder", folder)]
            + (observation.writing.map { [Fact("write of 1 MiB", "\(Fact.text(seconds: $0)), to the disk")] } ?? [])
            + (observation.free.map { [Fact("free", Double($0) / 1_073_741_824, "GiB")] } ?? [])
    }

    public func findings(in observations: [Observed<Observation>]) -> [Finding] {
        guard let writer = observations.first else { return [] }
        var findings: [Finding] = []
        if let failure = writer.value.failure {
            findings.append(
                Finding(
                    .problem, "rank 0 cannot write to \(path): \(failure)",
                    hint: "give a folder that rank 0's user may write to, on a disk with space: --output DIR"))
        }
        if let finding = Self.finding(free: writer.value.free) { findings.append(finding) }
        let blind = observations.filter { $0.value.seesFile == false }
        if !blind.isEmpty {
            let place = SiteNames(observations.map(\.site)).name(blind.map(\.site.rank)) ?? "all hosts"
            findings.append(
                Finding(
                    .note,
                    "\(place) do\(blind.count == 1 ? "es" : "") not see what rank 0 writes to \(writer.value.folder)",
                    hint:
                        "only rank 0 writes checkpoints, but all ranks read them: --resume needs a folder that all hosts see"
                ))
        }
        return findings
    }

    /// - Parameter free: bytes.
    static func finding(free: Int?) -> Finding? {
        guard let free, free < 3 * checkpointBytes else { return nil }
        return Finding(
            free < checkpointBytes ? .problem : .warning,
            "the disk has \(Fact.text(bytes: free)) free; a checkpoint of ResNet-50 takes \(Fact.text(bytes: checkpointBytes)), "
                + "and a run keeps several", hint: "free some space, or give another --output")
    }
}
