import Collectives
import Foundation
import Kernels
import MPICollectives
import Reporting

extension RunEnvironment {
    /// What one rank tells.
    private struct Place: Codable {
        let processor: String
        let sockets, cores, hardwareThreads, memory, threads: Int

        static func current(threads: Int) -> Place {
            let processors = ProcessorInventory(cpuinfo: (try? KernelFile.text("/proc/cpuinfo")) ?? "")
            let memory = MemoryInformation((try? KernelFile.text("/proc/meminfo")) ?? "")["MemTotal"] ?? 0
            return Place(
                processor: processors.model, sockets: processors.sockets, cores: processors.cores,
                hardwareThreads: processors.processors,
                memory: min(memory, ControlGroup.current().memoryLimit ?? memory), threads: threads)
        }
    }

    /// Looks at the hosts of all ranks, which all must call this. The result on rank 0, nil on the others.
    /// - Parameters:
    ///   - version: of the program.
    ///   - threads: that this rank computes with.
    /// - Throws: failures of communication.
    public static func observed(
        on communicator: any Communicator, version: String, threads: Int
    ) throws -> RunEnvironment? {
        let sites = try Site.all(on: communicator)
        let mine = try JSONEncoder().encode(Place.current(threads: threads))
        let places = try communicator.gather(Array(mine), to: 0).map {
            try JSONDecoder().decode(Place.self, from: Data($0))
        }
        guard communicator.rank == 0 else { return nil }
        let hosts = sites.filter(\.isFirstOfHost).map { site in
            let place = places[site.rank]
            return Host(
                name: site.host, ranks: sites.count { $0.host == site.host }, threads: place.threads,
                processor: place.processor, sockets: place.sockets, cores: place.cores,
                hardwareThreads: place.hardwareThreads, memory: place.memory)
        }
        return RunEnvironment(
            start: Date(), launcher: Launcher(environment: ProcessInfo.processInfo.environment).text, hosts: hosts,
            software: software(version: version))
    }

    private static func software(version: String) -> [Software] {
        let oneDNN = OneDNNLibrary.current()
        let openBLAS = OpenBLASCore.current().configuration.split(separator: " ").dropFirst().first
        let kernel = (try? KernelFile.text("/proc/sys/kernel/osrelease")) ?? "unknown"
        return [
            Software("aam", version),
            Software("MPI", SoftwareCheck.shortName(ofMPI: MPICommunicator.libraryVersion)),
            Software("oneDNN", "\(oneDNN.version), \(oneDNN.instructions)"),
            Software("OpenBLAS", openBLAS.map(String.init) ?? "unknown"),
            Software("system", systemName(osRelease: (try? KernelFile.text("/etc/os-release")) ?? "")),
            Software("kernel", kernel.trimmingCharacters(in: .whitespacesAndNewlines)),
        ]
    }

    /// `Debian GNU/Linux 12 (bookworm)` of a text with `PRETTY_NAME="Debian GNU/Linux 12 (bookworm)"`.
    package static func systemName(osRelease: String) -> String {
        let line = osRelease.split(separator: "\n").first { $0.hasPrefix("PRETTY_NAME=") }
        let name = line.map { $0.dropFirst("PRETTY_NAME=".count).trimmingCharacters(in: ["\"", "'"]) }
        return name ?? "unknown"
    }
}
