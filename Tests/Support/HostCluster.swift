import Foundation

/// Hosts on this machine, `node1` and so on, made by `deploy/netns/cluster` and removed with this value.
public final class HostCluster: Sendable {
    /// Whether this process may make such hosts.
    public static let isAvailable: Bool = {
        guard geteuid() == 0 else { return false }
        return (try? HostCluster(hosts: 1)) != nil
    }()

    /// A process on a host.
    public struct HostProcess: Sendable {
        public let host: String
        public let identifier: pid_t
        /// Of an MPI job; nil for what is not a rank of one.
        public let rank: Int?
        /// Words and their spaces.
        public let command: String
    }

    public static let script = projectFile("deploy/netns/cluster")

    public let name: String

    /// - Parameters:
    ///   - slots: Ranks on each host, such as "2,1"; the last number holds for the hosts left.
    ///   - rate: Of each link, as "100mbit".
    ///   - delay: From host to host, as "1ms".
    /// - Throws: `CommandError` with what the script says if the hosts cannot be made.
    public init(hosts: Int, slots: String = "1", rate: String? = nil, delay: String? = nil) throws {
        name = "test\(UUID().uuidString.prefix(8))"
        let owner = String(ProcessInfo.processInfo.processIdentifier)
        var settings = ["--hosts", String(hosts), "--slots", slots, "--owner", owner]
        if let rate { settings += ["--rate", rate] }
        if let delay { settings += ["--delay", delay] }
        try cluster("up", settings)
    }

    deinit { _ = try? cluster("down") }

    /// A command on `node1`, from where mpirun starts ranks on all hosts.
    /// - Throws: `CommandError` if it cannot be started.
    public func start(_ command: [String]) throws -> RunningCommand {
        try RunningCommand(Self.script, arguments: ["on", "--name", name, "node1"] + command, isolated: true)
    }

    /// Runs an executable as the ranks of a job, as many on each host as it has slots.
    /// - Throws: as `runCommand`.
    public func mpirun(_ binary: String, arguments: [String] = [], timeout: Double = 120) throws -> CommandResult {
        try start(["mpirun", binary] + arguments).result(within: timeout)
    }

    /// Deletes a host's link.
    public func cut(_ host: String) throws { try cluster("cut", [host]) }

    /// All processes on the hosts.
    public func processes() throws -> [HostProcess] {
        try cluster("ps").split(separator: "\n").compactMap { line in
            let fields = line.split(separator: "\t", omittingEmptySubsequences: false).map(String.init)
            guard fields.count == 4, let identifier = pid_t(fields[1]) else { return nil }
            return HostProcess(host: fields[0], identifier: identifier, rank: Int(fields[2]), command: fields[3])
        }
    }

    @discardableResult
    private func cluster(_ command: String, _ arguments: [String] = []) throws -> String {
        let result = try runCommand(Self.script, arguments: [command, "--name", name] + arguments)
        if result.status != 0 {
            throw CommandError(description: "\(Self.script) \(command): \(result.stdout)\(result.stderr)")
        }
        return result.stdout
    }
}
