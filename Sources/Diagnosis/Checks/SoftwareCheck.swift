import Collectives
import Datasets
import Foundation
import Kernels
import MPICollectives

/// Versions of the program and its libraries, and whether all ranks have the same files.
public struct SoftwareCheck: Check {
    public struct Observation: Codable, Sendable {
        let version: String
        /// Of the executable's content.
        let executable: String
        let executablePath: String
        /// The MPI library's own text.
        let mpi: String
        let oneDNN: OneDNNLibrary
        let openBLAS: String
        let openBLASKernels: String
        /// `OPENBLAS_CORETYPE` that would be faster, and the one that is set.
        let openBLASRemedy, openBLASCoreType: String?
        let openBLASIsSlow: Bool
        let png: String
        /// Checksums of the libraries' files, by their names.
        let libraries: [String: String]
    }

    public let name = "software"
    public let scope = CheckScope.rank
    private let version: String

    /// - Parameter version: of the program.
    public init(version: String) {
        self.version = version
    }

    public func observe(at site: Site, on communicator: any Communicator) throws -> Observation {
        let core = OpenBLASCore.current()
        let libraries = LoadedLibraries.current()
        return Observation(
            version: version, executable: hexadecimal(try checksum(ofFile: "/proc/self/exe")),
            executablePath: try FileManager.default.destinationOfSymbolicLink(atPath: "/proc/self/exe"),
            mpi: MPICommunicator.libraryVersion, oneDNN: .current(),
            openBLAS: core.configuration.split(separator: " ").dropFirst().first.map(String.init) ?? "unknown",
            openBLASKernels: core.name, openBLASRemedy: core.remedy,
            openBLASCoreType: ProcessInfo.processInfo.environment[OpenBLASCore.environmentVariable],
            openBLASIsSlow: core.isSlowerThanCPU,
            png: pngLibraryVersion(),
            libraries: Dictionary(
                try libraries.paths.values.map { path in
                    (URL(filePath: path).lastPathComponent, hexadecimal(try checksum(ofFile: path)))
                }, uniquingKeysWith: { first, _ in first }))
    }

    public func facts(in observation: Observation) -> [Fact] {
        func file(_ beginning: String) -> String {
            observation.libraries.keys.filter { $0.hasPrefix(beginning) }.min() ?? "not loaded"
        }
        return [
            Fact("aam", "\(observation.version), executable \(observation.executable)"),
            Fact("MPI", Self.shortName(ofMPI: observation.mpi)),
            Fact("oneDNN", "\(observation.oneDNN.version), \(observation.oneDNN.instructions)"),
            Fact("OpenBLAS", "\(observation.openBLAS), \(observation.openBLASKernels) kernels"),
            Fact("images", "\(file("libturbojpeg")), libspng \(observation.png)"),
            Fact("Swift", Self.identity(file("libswiftCore"), observation.libraries)),
        ]
    }

    /// The file's name, and its checksum as a file of this name tells no version.
    private static func identity(_ file: String, _ checksums: [String: String]) -> String {
        checksums[file].map { "\(file), checksum \($0)" } ?? file
    }

    /// `Open MPI 4.1.4` of `Open MPI v4.1.4, package: …`.
    static func shortName(ofMPI text: String) -> String {
        let first = text.split { $0 == "," || $0.isNewline }.first.map(String.init) ?? "unknown"
        return first.replacingOccurrences(of: " v", with: " ")
    }

    public func findings(in observations: [Observed<Observation>]) -> [Finding] {
        let differences = Differences(observations)
        var findings: [Finding] = []
        if let text = differences.text({ $0.executable }) {
            let paths = Set(observations.map(\.value.executablePath)).sorted().prefix(3).joined(separator: ", ")
            findings.append(
                Finding(
                    .problem, "the ranks do not run the same executable: \(text)",
                    hint:
                        "install one build at the same path on every host, or on a file system that all see; they run \(paths)"
                ))
        }
        if let text = differences.text({ "blocks of \($0.oneDNN.channelBlock) channels" }) {
            findings.append(
                Finding(
                    .problem, "oneDNN computes in different layouts, in which gradients cannot be summed: \(text)",
                    hint: "limit all to what the oldest processor can: mpirun -x ONEDNN_MAX_CPU_ISA=AVX2"))
        } else if let text = differences.text({ $0.oneDNN.instructions }) {
            findings.append(
                Finding(
                    .note, "oneDNN computes with different instructions, which round differently: \(text)",
                    hint: "mpirun -x ONEDNN_MAX_CPU_ISA=… makes all the same"))
        }
        findings += libraryFindings(observations, differences) + openBLASFindings(observations)
        return findings
    }

    private func libraryFindings(
        _ observations: [Observed<Observation>], _ differences: Differences<Observation>
    ) -> [Finding] {
        let names = Set(observations.flatMap(\.value.libraries.keys))
        let differing = names.sorted().filter { name in
            differences.text { $0.libraries[name] ?? "none" } != nil
        }
        guard !differing.isEmpty,
            let text = differences.text(
                { value in differing.map { value.libraries[$0] ?? "none" }.joined() }, naming: false)
        else { return [] }
        return [
            Finding(
                .warning, "libraries differ: \(differing.joined(separator: ", ")): \(text)",
                hint:
                    "install the same packages on every host: other versions may round differently, or not work together"
            )
        ]
    }

    private func openBLASFindings(_ observations: [Observed<Observation>]) -> [Finding] {
        guard let slow = observations.first(where: \.value.openBLASIsSlow) else { return [] }
        return [
            Finding(
                .note, "OpenBLAS took its \(slow.value.openBLASKernels) kernels, slower than this processor allows",
                hint: slow.value.openBLASHint)
        ]
    }
}

extension SoftwareCheck.Observation {
    fileprivate var openBLASHint: String {
        guard let remedy = openBLASRemedy else {
            return "install a newer OpenBLAS, or keep to the default --backend onednn, which does not use it"
        }
        if let openBLASCoreType {
            return "OPENBLAS_CORETYPE=\(openBLASCoreType) asks for them: unset it; only --backend openblas uses them"
        }
        return "only --backend openblas uses it, and aam then sets OPENBLAS_CORETYPE=\(remedy) itself"
    }
}
