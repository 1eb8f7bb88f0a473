import Foundation

/// Lines for people: on standard output and, with the time, in the run folder's `log.txt`.
public final class RunLog {
    private let file: TextFile
    /// What lines on standard output begin with, where several runs write to it.
    private let title: String?

    /// - Throws: `ReportError`.
    public init(path: String, title: String? = nil) throws {
        self.title = title
        file = try TextFile(appendingTo: path, waitingForRoom: true)
    }

    /// Writes a line.
    /// - Throws: `ReportError`, if `log.txt` cannot be written.
    public func write(_ line: String) throws {
        printLine(title.map { "\($0): \(line)" } ?? line)
        try file.append("\(Date().formatted(.iso8601)) \(line)\n")
    }
}

/// Writes a line to standard output at once, also where that is a pipe.
public func printLine(_ line: String) {
    FileHandle.standardOutput.write(Data((line + "\n").utf8))
}
