import COpenBLAS
import Foundation

/// Which of its kernels OpenBLAS chose for this CPU, and whether it could do better.
///
/// OpenBLAS recognises a CPU by its model number; one newer than the library gets the oldest kernels (0.3.21 takes
/// recent Intel ones for Prescott), several times slower. `OPENBLAS_CORETYPE`, read when the library is loaded,
/// overrules the choice.
public struct OpenBLASCore: Equatable, Sendable {
    /// The environment variable that overrules the library's choice.
    public static let environmentVariable = "OPENBLAS_CORETYPE"

    /// `openblas_get_corename()`, as in `Haswell`.
    public let name: String
    /// `openblas_get_config()`, as in `OpenBLAS 0.3.21 NO_LAPACKE DYNAMIC_ARCH NO_AFFINITY Haswell MAX_THREADS=64`.
    public let configuration: String
    /// The CPU's features by their names in Linux' `/proc/cpuinfo`, as in `avx2`; empty where they are not known.
    public let cpuFlags: Set<String>

    /// A description of some process's library and CPU; `current()` has this one's.
    public init(name: String, configuration: String, cpuFlags: Set<String>) {
        self.name = name
        self.configuration = configuration
        self.cpuFlags = cpuFlags
    }

    /// What this process runs with.
    public static func current() -> OpenBLASCore {
        let cpuinfo = (try? String(contentsOfFile: "/proc/cpuinfo", encoding: .utf8)) ?? ""
        return OpenBLASCore(
            name: String(cString: openblas_get_corename()), configuration: String(cString: openblas_get_config()),
            cpuFlags: cpuFlags(in: cpuinfo))
    }

    /// Whether the CPU has vector instructions that the chosen kernels do not use.
    public var isSlowerThanCPU: Bool {
        coreTypeForCPU != nil
    }

    /// The value of `OPENBLAS_CORETYPE` that makes the library as fast as the CPU allows. Nil if it is already, or if
    /// this build of the library has one kernel only and ignores the variable.
    public var remedy: String? {
        configuration.split(separator: " ").contains("DYNAMIC_ARCH") ? coreTypeForCPU : nil
    }

    /// The kernels the CPU could run, if they are better than the chosen ones.
    private var coreTypeForCPU: String? {
        // What OpenBLAS compiles its SkylakeX and Haswell kernels for.
        let has512Bits = cpuFlags.isSuperset(of: ["avx512f", "avx512cd", "avx512bw", "avx512dq", "avx512vl"])
        let has256Bits = cpuFlags.isSuperset(of: ["avx2", "fma"])
        switch name.lowercased() {
        case "skylakex", "cooperlake", "sapphirerapids":
            return nil
        case "zen":
            // 256 bits wide, but as fast as the 512-bit kernels on those of AMD's CPUs that run both.
            return nil
        case "haswell", "excavator":
            return has512Bits ? "SkylakeX" : nil
        default:
            return has512Bits ? "SkylakeX" : has256Bits ? "Haswell" : nil
        }
    }

    /// The features in the first `flags` line of a `/proc/cpuinfo`.
    package static func cpuFlags(in cpuinfo: String) -> Set<String> {
        for line in cpuinfo.split(separator: "\n") where line.hasPrefix("flags") {
            guard let colon = line.firstIndex(of: ":") else { continue }
            return Set(line[line.index(after: colon)...].split(separator: " ").map(String.init))
        }
        return []
    }
}
