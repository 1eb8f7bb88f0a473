/// What mpirun's standard error tells of a job's end.
package struct AttemptOutput {
    /// The failure that a rank reported, as in `rank 1 of 4 on host node2: the process is gone`.
    package private(set) var banner: String?
    /// What mpirun itself says.
    package private(set) var complaint: String?

    /// Whether the job has come to its end, so that mpirun should, too.
    package var isEnd: Bool { banner != nil || complaint != nil }
    /// In a few words.
    package var cause: String? { banner ?? complaint }

    private var rest: [UInt8] = []
    private var title: Substring?

    package init() {}

    package mutating func take(_ bytes: [UInt8]) {
        rest += bytes
        while let end = rest.firstIndex(of: UInt8(ascii: "\n")) {
            take(line: String(decoding: rest[..<end], as: UTF8.self))
            rest.removeSubrange(...end)
        }
    }

    // mpirun may put a rank's number before a line.
    private mutating func take(line: String) {
        if banner == nil, let match = line.firstMatch(of: #/\| aam: (rank \d+ of \d+ on host .+) failed$/#) {
            title = match.1
        } else if banner == nil, let match = line.firstMatch(of: #/\| aam: failed on (host .+)$/#) {
            title = match.1
        } else if let title, let match = line.firstMatch(of: #/\|   what:  (.*)$/#) {
            banner = "\(title): \(match.1)"
            self.title = nil
        } else if let match = line.firstMatch(of: #/Remote daemon: \S+ on node (\S+)/#) {
            complaint = "mpirun lost contact with \(match.1)"
        } else if complaint == nil, line.contains("ORTE has lost communication with a remote daemon") {
            complaint = "mpirun lost contact with a host"
        } else if complaint == nil, line.contains("ORTE was unable to reliably start one or more daemons") {
            complaint = "mpirun could not start anything on one of the hosts"
        }
    }
}
