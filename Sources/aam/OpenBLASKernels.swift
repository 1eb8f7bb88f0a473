import Foundation
import Kernels
import Training

/// OpenBLAS chooses its kernels when it is loaded, and older versions take slow ones on CPUs they do not know.
enum OpenBLASKernels {
    /// Starts the program again with the variable that makes OpenBLAS choose well, if it did not. Returns if there is
    /// nothing to mend, or says what it could not mend.
    static func chooseFastest(for backend: TrainingConfiguration.BackendChoice) throws {
        guard backend == .openblas else { return }
        let core = OpenBLASCore.current()
        let variable = OpenBLASCore.environmentVariable
        guard let remedy = core.remedy, ProcessInfo.processInfo.environment[variable] == nil else {
            if core.isSlowerThanCPU {
                FileHandle.standardError.write(
                    Data(
                        ("warning: OpenBLAS runs its \(core.name) kernels, which are slower than this CPU allows"
                            + (core.remedy.map { "; unset \(variable), or set it to \($0)" } ?? "") + "\n").utf8))
            }
            return
        }
        setenv(variable, remedy, 1)
        var arguments = CommandLine.arguments.map { strdup($0) }
        arguments.append(nil)
        execv("/proc/self/exe", arguments)
        FileHandle.standardError.write(
            Data("warning: OpenBLAS runs its \(core.name) kernels: set \(variable)=\(remedy) for faster ones\n".utf8))
    }
}
