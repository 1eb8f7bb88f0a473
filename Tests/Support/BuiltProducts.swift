import Foundation

/// The path of an executable of this package that was built along with the running tests.
/// - Throws: `CommandError` if it is not there: then the test target should depend on it.
public func builtProduct(_ name: String) throws -> String {
    // The test bundle is an executable in the build folder of its configuration, wherever that is.
    let running = URL(fileURLWithPath: "/proc/self/exe").resolvingSymlinksInPath().deletingLastPathComponent()
    let arguments = URL(fileURLWithPath: CommandLine.arguments[0]).deletingLastPathComponent()
    for folder in [running, arguments] {
        let path = folder.appendingPathComponent(name).path
        if FileManager.default.isExecutableFile(atPath: path) { return path }
    }
    throw CommandError(description: "no \(name) in \(running.path); does the test target depend on it?")
}

/// The path of a file of the project, given from its root.
public func projectFile(_ path: String) -> String {
    URL(fileURLWithPath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
        .deletingLastPathComponent().appendingPathComponent(path).path
}

/// The path of an executable in PATH, or nil.
public func findInPath(_ name: String) -> String? {
    let path = ProcessInfo.processInfo.environment["PATH"] ?? "/usr/bin"
    return path.split(separator: ":").map { "\($0)/\(name)" }
        .first { FileManager.default.isExecutableFile(atPath: $0) }
}

/// Runs an executable as the ranks of a job on this host, more of them than cores if need be.
/// - Throws: as `runCommand`; also if there is no mpirun.
public func mpirun(
    ranks: Int, _ binary: String, arguments: [String] = [], environment: [String: String] = [:],
    timeout: Double = 60
) throws -> CommandResult {
    try startMPIRun(ranks: ranks, binary, arguments: arguments, environment: environment).result(within: timeout)
}

/// Starts an executable as the ranks of a job on this host.
/// - Throws: `CommandError` if there is no mpirun.
public func startMPIRun(
    ranks: Int, _ binary: String, arguments: [String] = [], environment: [String: String] = [:]
) throws -> RunningCommand {
    guard let mpirun = findInPath("mpirun") else {
        throw CommandError(description: "no mpirun in PATH; install openmpi-bin")
    }
    let variables = ["OMPI_ALLOW_RUN_AS_ROOT": "1", "OMPI_ALLOW_RUN_AS_ROOT_CONFIRM": "1"]
    // Without a binding, ranks of tests that run at the same time do not all share the first cores. An mpirun that
    // makes its folder while another one of this user and host removes the same fails.
    return try RunningCommand(
        mpirun, arguments: ["--oversubscribe", "--bind-to", "none", "-n", String(ranks), binary] + arguments,
        environment: variables.merging(environment) { $1 }, isolated: true)
}
