import CProcesses
import Foundation

/// A program that this process has started. It leads a process group of its own, has nothing on standard input, and is
/// asked to end should this process end before it.
final class ChildProcess {
    let identifier: pid_t
    /// What it writes to standard output and standard error.
    let output, errors: OutputPipe
    /// Once it has ended: 128 plus the signal's number after a signal.
    private(set) var exitCode: Int32?

    /// - Parameter words: the program, looked for in PATH, and its arguments.
    /// - Throws: `StartError`.
    init(_ words: [String], environment: [String: String]) throws(StartError) {
        guard let output = OutputPipe(), let errors = OutputPipe() else {
            throw StartError(program: words[0], errno: errno)
        }
        let argv = words.map { strdup($0) } + [nil]
        let envp = environment.map { strdup("\($0.key)=\($0.value)") } + [nil]
        defer { for text in argv + envp { free(text) } }
        let process = CProcesses_start(argv, envp, output.input, errors.input)
        output.closeInput()
        errors.closeInput()
        guard process > 0 else { throw StartError(program: words[0], errno: -process) }
        (identifier, self.output, self.errors) = (process, output, errors)
    }

    /// Whether it has not ended yet.
    var isRunning: Bool {
        guard exitCode == nil else { return false }
        var status: Int32 = 0
        guard waitpid(identifier, &status, WNOHANG) == identifier else { return true }
        let signal = status & 0x7f
        exitCode = signal == 0 ? (status >> 8) & 0xff : 128 + signal
        return false
    }

    func send(_ signal: Int32) { if isRunning { kill(identifier, signal) } }

    /// Ends it and all of its group at once.
    func end() {
        guard isRunning else { return }
        kill(-identifier, SIGKILL)
        var status: Int32 = 0
        while waitpid(identifier, &status, 0) < 0, errno == EINTR {}
        exitCode = 128 + SIGKILL
    }
}

/// A program that cannot be started.
package struct StartError: Error, CustomStringConvertible {
    let program: String
    let errno: Int32

    package var description: String { "cannot start \(program): \(String(cString: strerror(errno)))" }
}
