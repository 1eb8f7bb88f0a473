import Foundation

/// A text file that grows a whole line at a time.
final class TextFile {
    private let file: AppendedFile

    /// Opens the file to append, creating it if necessary.
    /// - Parameter waitsForRoom: keep what a full disk does not take until it does, instead of failing.
    /// - Throws: `ReportError`.
    init(appendingTo path: String, waitingForRoom waitsForRoom: Bool = false) throws {
        file = try AppendedFile(path, waitingForRoom: waitsForRoom)
    }

    /// Writes at once, so that a run that is killed has its lines.
    /// - Throws: `ReportError`.
    func append(_ text: String) throws { try file.append(text.utf8) }

    /// The whole text; nil if there is no such file.
    /// - Throws: `ReportError`.
    static func contents(of path: String) throws -> String? {
        guard access(path, F_OK) == 0 else { return nil }
        return try readText(path)
    }

    /// Finds out whether the file can be written, and leaves everything as it was.
    /// - Throws: `ReportError`.
    static func checkWritable(_ path: String) throws {
        let isNew = access(path, F_OK) != 0
        _ = try TextFile(appendingTo: path)
        if isNew { unlink(path) }
    }

    /// Replaces a file by another content, or leaves it as it was. Pipes and devices get the content.
    /// - Throws: `ReportError`.
    static func replace(_ path: String, with text: String) throws { try AppendedFile.replace(path, with: text.utf8) }
}

/// Replaces a file by another content, or leaves it as it was.
/// - Throws: `ReportError`.
package func replaceText(_ path: String, with text: String) throws { try TextFile.replace(path, with: text) }

/// Replaces a file by a value as JSON that people can read, keys in order.
/// - Throws: `ReportError`, `EncodingError`.
package func replaceJSON(_ path: String, with value: some Encodable) throws {
    let encoder = JSONEncoder()
    encoder.outputFormatting = [.prettyPrinted, .sortedKeys, .withoutEscapingSlashes]
    try replaceText(path, with: String(decoding: encoder.encode(value), as: UTF8.self) + "\n")
}

/// Finds out whether a file can be written, and leaves everything as it was.
/// - Throws: `ReportError`.
package func checkWritable(_ path: String) throws { try TextFile.checkWritable(path) }

/// The whole text of a file; bytes that are not UTF-8 are replaced.
/// - Throws: `ReportError.unreadable`.
package func readText(_ path: String) throws -> String {
    String(decoding: try AppendedFile.contents(of: path), as: UTF8.self)
}

/// A report that cannot be written, or read to be continued.
public enum ReportError: Error, Hashable, CustomStringConvertible {
    case unwritable(path: String, reason: String)
    case unreadable(path: String, reason: String)

    public var description: String {
        switch self {
        case .unwritable(let path, let reason):
            "cannot write \(path): \(reason)"
        case .unreadable(let path, let reason):
            "cannot read \(path): \(reason)"
        }
    }

    /// What to do about it.
    public var hint: String? { "check the path, its permissions and the space on its disk" }
}
