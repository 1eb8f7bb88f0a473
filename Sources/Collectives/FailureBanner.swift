import Foundation

/// The framed block on standard error that tells of the failure of a job.
public struct FailureBanner: Equatable, Sendable, CustomStringConvertible {
    /// Whose failure it is.
    public let program: String
    /// The rank that failed.
    public let rank: Int
    /// Of how many ranks.
    public let size: Int
    /// The rank's host.
    public let host: String
    /// What went wrong.
    public let what: String
    /// Where: a file, a step, a layer, or at least a process.
    public let place: String?
    /// What to do about it.
    public let hint: String?
    /// Where the run stands, and where its log is.
    public let standing: String?

    /// A banner's text, in its parts.
    public init(
        program: String = "aam", rank: Int, size: Int, host: String, what: String, place: String? = nil,
        hint: String? = nil, standing: String? = nil
    ) {
        self.program = program
        self.rank = rank
        self.size = size
        self.host = host
        self.what = what
        self.place = place
        self.hint = hint
        self.standing = standing
    }

    /// The lines of the banner, with a newline at the end.
    public var description: String {
        let rule = String(repeating: "-", count: 78)
        let failed = size == 1 ? "failed on host \(host)" : "rank \(rank) of \(size) on host \(host) failed"
        var lines = ["+\(rule)", "| \(program): \(failed)"]
        lines += field("what:  ", what)
        if let place { lines += field("where: ", place) }
        if let standing { lines += field("run:   ", standing) }
        if let hint { lines += field("hint:  ", hint) }
        lines.append("+\(rule)")
        return lines.joined(separator: "\n") + "\n"
    }

    private func field(_ name: String, _ text: String) -> [String] {
        text.split(separator: "\n", omittingEmptySubsequences: false).enumerated().map { index, line in
            "|   " + (index == 0 ? name : String(repeating: " ", count: name.count)) + line
        }
    }

    /// Writes the banner to standard error by one write(2), so that other ranks' lines do not cut it in two.
    public func print() {
        let bytes = Array(description.utf8)
        // A banner that cannot be written has nowhere else to go.
        _ = write(STDERR_FILENO, bytes, bytes.count)
    }

    /// Adds the banner to a log that exists. A disk that does not answer is given up after half a second.
    public func append(to log: String) {
        let isWritten = DispatchSemaphore(value: 0)
        Thread.detachNewThread {
            let file = open(log, O_WRONLY | O_APPEND | O_NONBLOCK | O_CLOEXEC)
            let bytes = Array(description.utf8)
            // What cannot be written there has been printed.
            if file >= 0 { _ = write(file, bytes, bytes.count) }
            isWritten.signal()
        }
        _ = isWritten.wait(timeout: .now() + 0.5)
    }
}
