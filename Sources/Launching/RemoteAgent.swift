import Foundation

/// The program by which mpirun starts something on another host, as in `ssh HOST COMMAND`.
public struct RemoteAgent: Hashable, Sendable {
    /// The program and its own arguments.
    public let words: [String]

    public init(_ words: [String]) { self.words = words }

    private static let names = ["plm_rsh_agent", "orte_rsh_agent", "pls_rsh_agent"]

    /// The one that Open MPI takes: from `--mca plm_rsh_agent` among mpirun's arguments, or from the environment, or ssh.
    ///
    /// - Throws: `UnclosedQuote`.
    public init(mpirun: [String], environment: [String: String]) throws(UnclosedQuote) {
        func setting(_ names: [String]) -> String? {
            for (index, word) in mpirun.enumerated() where word.hasSuffix("-mca") && index + 2 < mpirun.count {
                if names.contains(mpirun[index + 1]) { return mpirun[index + 2] }
            }
            return names.compactMap { environment["OMPI_MCA_\($0)"] }.first
        }
        // As in "ssh : rsh", the first one that there is.
        let choices = try (setting(Self.names) ?? "ssh : rsh").split(separator: ":").map { text throws(UnclosedQuote) in
            try commandWords(String(text))
        }
        let path = (environment["PATH"] ?? "/usr/bin:/bin").split(separator: ":")
        let chosen = choices.first { words in
            guard let program = words.first else { return false }
            if program.contains("/") { return true }
            return path.contains { FileManager.default.isExecutableFile(atPath: "\($0)/\(program)") }
        }
        words = (chosen ?? ["ssh"]) + (try commandWords(setting(["plm_rsh_args"]) ?? ""))
    }

    /// The words that run `true` on a host, without a question to the user.
    package func probe(of host: String, seconds: Double) -> [String] {
        let isSSH = words.first?.split(separator: "/").last == "ssh"
        let quiet = ["-o", "BatchMode=yes", "-o", "ConnectTimeout=\(max(1, Int(seconds.rounded(.up))))"]
        return words + (isSSH ? quiet : []) + [host, "true"]
    }
}
