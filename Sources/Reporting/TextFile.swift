import Foundation

/// A text file that grows a whole line at a time.
final class TextFile {
    private let handle: FileHandle
    private let path: String

    /// Opens the file to append, creating it if necessary.
    /// - Throws: `ReportError`.
    init(appendingTo path: String) throws {
        self.path = path
        let descriptor = open(path, O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0o666)
        guard descriptor >= 0 else {
            throw ReportError.unwritable(path: path, reason: String(cString: strerror(errno)))
        }
        handle = FileHandle(fileDescriptor: descriptor, closeOnDealloc: true)
    }

    /// Writes at once, so that a run that is killed has its lines.
    /// - Throws: `ReportError`.
    func append(_ text: String) throws {
        do {
            try handle.write(contentsOf: Data(text.utf8))
        } catch {
            throw ReportError.unwritable(path: path, reason: systemReason(of: error))
        }
    }

    /// The whole text; nil if there is no such file.
    /// - Throws: `ReportError`.
    static func contents(of path: String) throws -> String? {
        guard access(path, F_OK) == 0 else { return nil }
        do {
            return String(decoding: try Data(contentsOf: URL(filePath: path)), as: UTF8.self)
        } catch {
            throw ReportError.unreadable(path: path, reason: systemReason(of: error))
        }
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
    static func replace(_ path: String, with text: String) throws {
        var status = stat()
        if stat(path, &status) == 0, status.st_mode & S_IFMT != S_IFREG {
            return try TextFile(appendingTo: path).append(text)
        }
        do {
            try Data(text.utf8).write(to: URL(filePath: path), options: .atomic)
        } catch {
            throw ReportError.unwritable(path: path, reason: systemReason(of: error))
        }
    }
}

/// The system's own words for a failure of Foundation's file functions, whose descriptions leave them out.
package func systemReason(of error: any Error) -> String {
    let underlying = (error as NSError).userInfo[NSUnderlyingErrorKey] as? NSError
    return underlying.map { String(cString: strerror(Int32($0.code))) } ?? error.localizedDescription
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
