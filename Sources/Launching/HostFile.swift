import Reporting

/// A host file of Open MPI: a host a line, as in `node01 slots=2 max_slots=4`; what follows a `#` is a comment.
///
/// The slots of a host that is named more than once add up. A line without `slots=` has one, where mpirun alone would
/// take the number of the host's cores.
public enum HostFile {
    /// - Throws: `HostFileError`, which names the file and the line; `ReportError` if the file cannot be read.
    public static func read(_ path: String) throws -> [LaunchHost] {
        try hosts(in: try readText(path), path: path)
    }

    /// - Parameter path: for errors.
    /// - Throws: `HostFileError`.
    package static func hosts(in text: String, path: String) throws(HostFileError) -> [LaunchHost] {
        var hosts: [LaunchHost] = []
        for (index, line) in text.split(omittingEmptySubsequences: false, whereSeparator: \.isNewline).enumerated() {
            guard let host = try host(in: line, path: path, line: index + 1) else { continue }
            if let known = hosts.firstIndex(where: { $0.name == host.name }) {
                hosts[known].slots += host.slots
                hosts[known].maximumSlots = host.maximumSlots ?? hosts[known].maximumSlots
            } else {
                hosts.append(host)
            }
        }
        if let host = hosts.first(where: { $0.slots > $0.maximumSlots ?? .max }) {
            throw HostFileError(path: path, problem: "\(host.name) has \(host.slots) slots, more than its max_slots")
        }
        guard !hosts.isEmpty else { throw HostFileError(path: path, problem: "there is no host in it") }
        return hosts
    }

    private static func host(in line: Substring, path: String, line number: Int) throws(HostFileError) -> LaunchHost? {
        func fail(_ problem: String) -> HostFileError { HostFileError(path: path, line: number, problem: problem) }
        // Blanks may stand around an equals sign.
        let content = line.prefix { $0 != "#" }.replacing(#/\s*=\s*/#, with: "=")
        let words = content.split { $0.isWhitespace }
        guard let name = words.first else { return nil }
        guard !name.contains("="), let first = name.first, !"^+-".contains(first) else {
            throw fail("'\(name)' is no name of a host")
        }
        var host = LaunchHost(String(name), slots: 1)
        for word in words.dropFirst() {
            let parts = word.split(separator: "=", maxSplits: 1, omittingEmptySubsequences: false)
            guard parts.count == 2 else { throw fail("'\(word)' is not understood; write slots=N") }
            guard let number = Int(parts[1]), number > 0 else {
                throw fail("\(parts[0]) is a number of ranks, at least 1, not '\(parts[1])'")
            }
            switch parts[0].replacing("-", with: "_") {
            case "slots": host.slots = number
            case "max_slots", "slots_max": host.maximumSlots = number
            default: throw fail("'\(parts[0])' is not understood; there are slots and max_slots")
            }
        }
        return host
    }

    /// What mpirun reads.
    package static func text(_ hosts: [LaunchHost]) -> String {
        hosts.map { host in
            "\(host.name) slots=\(host.slots)\(host.maximumSlots.map { " max_slots=\($0)" } ?? "")\n"
        }.joined()
    }
}

/// A host file that cannot be used.
public struct HostFileError: Error, Hashable, CustomStringConvertible {
    public let path: String
    public var line: Int?
    public let problem: String

    public init(path: String, line: Int? = nil, problem: String) {
        self.path = path
        self.line = line
        self.problem = problem
    }

    public var description: String { "\(path)\(line.map { ":\($0)" } ?? ""): \(problem)" }
}
