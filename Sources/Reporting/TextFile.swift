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
            throw ReportError.unwritable(path: path, reason: error.localizedDescription)
        }
    }

    /// Replaces a file by another content, or leaves it as it was.
    /// - Throws: `ReportError`.
    static func replace(_ path: String, with text: String) throws {
        do {
            try Data(text.utf8).write(to: URL(filePath: path), options: .atomic)
        } catch {
            let underlying = (error as NSError).userInfo[NSUnderlyingErrorKey] as? NSError
            throw ReportError.unwritable(
                path: path, reason: underlying.map { String(cString: strerror(Int32($0.code))) } ?? "\(error)")
        }
    }
}

/// A report that cannot be written.
public enum ReportError: Error, Hashable, CustomStringConvertible {
    case unwritable(path: String, reason: String)

    public var description: String {
        switch self {
        case .unwritable(let path, let reason):
            "cannot write \(path): \(reason). Check the folder's permissions and the space on its disk"
        }
    }
}
