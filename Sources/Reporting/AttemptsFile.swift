import Foundation

/// `attempts.csv`: one row for each time that a job was started.
public final class AttemptsFile {
    /// One attempt to bring a job to its end.
    public struct Attempt {
        /// From 1.
        public var number: Int
        public var start: Date
        public var seconds: Double
        /// Nil where mpirun chose.
        public var ranks: Int?
        public var hosts: [String]
        /// Of the checkpoint that it went on from.
        public var step: Int?
        public var exitCode: Int32
        /// In one word.
        public var end: String
        public var cause: String?

        public init(
            number: Int, start: Date, seconds: Double, ranks: Int?, hosts: [String], step: Int?, exitCode: Int32,
            end: String, cause: String?
        ) {
            self.number = number
            self.start = start
            self.seconds = seconds
            self.ranks = ranks
            self.hosts = hosts
            self.step = step
            self.exitCode = exitCode
            self.end = end
            self.cause = cause
        }
    }

    private static let columns = [
        "attempt", "start", "seconds", "ranks", "hosts", "from_step", "exit_code", "end", "cause",
    ]
    private let file: TextFile

    /// Opens the file, to which earlier jobs may have written.
    /// - Throws: `ReportError`.
    public init(path: String) throws {
        let isNew = try (TextFile.contents(of: path) ?? "").isEmpty
        file = try TextFile(appendingTo: path, waitingForRoom: true)
        if isNew { try file.append(CSV.row(Self.columns)) }
    }

    /// - Throws: `ReportError`.
    public func append(_ attempt: Attempt) throws {
        try file.append(
            CSV.row([
                String(attempt.number), attempt.start.formatted(.iso8601), String(format: "%.1f", attempt.seconds),
                attempt.ranks.map { String($0) } ?? "", attempt.hosts.joined(separator: " "),
                attempt.step.map { String($0) } ?? "", String(attempt.exitCode), attempt.end, attempt.cause ?? "",
            ]))
    }
}
