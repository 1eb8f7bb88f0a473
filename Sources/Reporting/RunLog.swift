import Foundation

/// A run folder's `log.txt`: the lines that people get, with the time.
public final class RunLog {
    private let file: TextFile

    /// - Throws: `ReportError`.
    public init(path: String) throws {
        file = try TextFile(appendingTo: path, waitingForRoom: true)
    }

    /// Writes a line.
    /// - Throws: `ReportError`, if the file cannot be written.
    public func write(_ line: String) throws {
        try file.append("\(Date().formatted(.iso8601)) \(line)\n")
    }
}

/// Writes a line to standard output at once, also where that is a pipe.
public func printLine(_ line: String) {
    FileHandle.standardOutput.write(Data((line + "\n").utf8))
}
