import Foundation

/// What a finished command left.
public struct CommandResult: Sendable {
    /// The exit code, or 128 + the signal that ended the command.
    public let status: Int32
    public let stdout: String
    public let stderr: String
    /// Seconds from start to end.
    public let seconds: Double
}

/// A command that could not be started or did not end in time.
public struct CommandError: Error, CustomStringConvertible {
    public let description: String
}

/// Runs a program to its end with nothing on standard input.
/// - Parameters:
///   - path: The executable.
///   - environment: Variables set or replaced in this process's environment.
///   - timeout: Seconds after which the program is ended.
/// - Throws: `CommandError` if the program cannot be started, or does not end in time; the latter with its output.
public func runCommand(
    _ path: String, arguments: [String] = [], environment: [String: String] = [:], timeout: Double = 60
) throws -> CommandResult {
    try RunningCommand(path, arguments: arguments, environment: environment).result(within: timeout)
}

/// A program that runs, with nothing on standard input.
///
/// Its output goes to files, so no amount of it blocks the program. The program leads a process group of its own.
public final class RunningCommand {
    public let process: pid_t
    private let command: String
    private let folder: URL
    private let started = Date()
    private var status: Int32?

    /// Starts the program.
    /// - Parameters:
    ///   - environment: Variables set or replaced in this process's environment.
    ///   - isolated: Whether it has a folder of its own for temporary files, which ends with this value.
    /// - Throws: `CommandError` if it cannot be started.
    public init(
        _ path: String, arguments: [String] = [], environment: [String: String] = [:], isolated: Bool = false
    ) throws {
        command = ([path] + arguments).joined(separator: " ")
        folder = FileManager.default.temporaryDirectory.appendingPathComponent("command-\(UUID().uuidString)")
        try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
        var inherited = ProcessInfo.processInfo.environment
        // Programs choose their kernels themselves, whatever this machine's users are told to set.
        inherited["OPENBLAS_CORETYPE"] = nil
        if isolated { inherited["TMPDIR"] = folder.path }
        process = try spawn(
            [path] + arguments, environment: inherited.merging(environment) { $1 },
            output: folder.appendingPathComponent("stdout").path, errors: folder.appendingPathComponent("stderr").path)
    }

    deinit {
        if status == nil { end(group: process) }
        try? FileManager.default.removeItem(at: folder)
    }

    /// Whether the program has not ended yet.
    public var isRunning: Bool {
        if status == nil { status = wait(for: process, until: .distantPast) }
        return status == nil
    }

    /// What it has written so far.
    public var output: (stdout: String, stderr: String) {
        get throws {
            (
                try text(of: folder.appendingPathComponent("stdout")),
                try text(of: folder.appendingPathComponent("stderr"))
            )
        }
    }

    /// Waits for the program's end.
    /// - Throws: `CommandError` with its output if it does not end in time: then the whole process group is ended.
    public func result(within timeout: Double = 60) throws -> CommandResult {
        if status == nil { status = wait(for: process, until: Date() + timeout) }
        let isOver = status != nil
        if !isOver {
            end(group: process)
            status = -1
        }
        let (stdout, stderr) = try output
        guard isOver else {
            throw CommandError(
                description: "\(command) did not end within \(timeout) s; its output:\n\(stdout)\n\(stderr)")
        }
        return CommandResult(
            status: status ?? -1, stdout: stdout, stderr: stderr, seconds: Date().timeIntervalSince(started))
    }
}

private func text(of file: URL) throws -> String {
    String(decoding: try Data(contentsOf: file), as: UTF8.self)
}

private func spawn(
    _ arguments: [String], environment: [String: String], output: String, errors: String
) throws -> pid_t {
    var actions = posix_spawn_file_actions_t()
    posix_spawn_file_actions_init(&actions)
    defer { posix_spawn_file_actions_destroy(&actions) }
    let create = O_WRONLY | O_CREAT | O_TRUNC
    posix_spawn_file_actions_addopen(&actions, STDIN_FILENO, "/dev/null", O_RDONLY, 0)
    posix_spawn_file_actions_addopen(&actions, STDOUT_FILENO, output, create, 0o600)
    posix_spawn_file_actions_addopen(&actions, STDERR_FILENO, errors, create, 0o600)
    var attributes = posix_spawnattr_t()
    posix_spawnattr_init(&attributes)
    defer { posix_spawnattr_destroy(&attributes) }
    posix_spawnattr_setpgroup(&attributes, 0)
    // The test runner's threads may block signals, and a shell that starts it in the background ignores some; a child
    // must not inherit that.
    var (none, all) = (sigset_t(), sigset_t())
    sigemptyset(&none)
    sigfillset(&all)
    posix_spawnattr_setsigmask(&attributes, &none)
    posix_spawnattr_setsigdefault(&attributes, &all)
    posix_spawnattr_setflags(
        &attributes, Int16(POSIX_SPAWN_SETPGROUP | POSIX_SPAWN_SETSIGMASK | POSIX_SPAWN_SETSIGDEF))

    let argv = arguments.map { strdup($0) } + [nil]
    let envp = environment.map { strdup("\($0.key)=\($0.value)") } + [nil]
    defer { for text in argv + envp { free(text) } }
    var process = pid_t()
    let code = posix_spawn(&process, arguments[0], &actions, &attributes, argv, envp)
    if code != 0 {
        throw CommandError(description: "cannot start \(arguments[0]): \(String(cString: strerror(code)))")
    }
    return process
}

/// The exit status as a shell reports it, or nil if the process still runs at the deadline.
private func wait(for process: pid_t, until deadline: Date) -> Int32? {
    var status: Int32 = 0
    while waitpid(process, &status, WNOHANG) != process {
        if Date() > deadline { return nil }
        usleep(5000)
    }
    let signal = status & 0x7f
    return signal == 0 ? (status >> 8) & 0xff : 128 + signal
}

/// Asks first, so that mpirun can end its ranks, which are in groups of their own.
private func end(group: pid_t) {
    kill(-group, SIGTERM)
    if wait(for: group, until: Date() + 3) == nil {
        kill(-group, SIGKILL)
        _ = wait(for: group, until: Date() + 3)
    }
    kill(-group, SIGKILL)
}
