import Foundation

/// A text file that grows a whole line at a time.
///
/// By system calls, because Foundation's errors do not tell the system's reason.
final class TextFile {
    private let descriptor: Int32
    private let path: String
    private let waitsForRoom: Bool
    /// What is still to be written.
    private var rest: ArraySlice<UInt8> = []

    /// Opens the file to append, creating it if necessary.
    /// - Parameter waitsForRoom: keep what a full disk does not take until it does, instead of failing.
    /// - Throws: `ReportError`.
    init(appendingTo path: String, waitingForRoom waitsForRoom: Bool = false) throws {
        self.path = path
        self.waitsForRoom = waitsForRoom
        descriptor = open(path, O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0o666)
        guard descriptor >= 0 else { throw ReportError.unwritable(path: path, reason: systemReason()) }
    }

    deinit { close(descriptor) }

    /// Writes at once, so that a run that is killed has its lines.
    /// - Throws: `ReportError`.
    func append(_ text: String) throws {
        let isWaiting = !rest.isEmpty
        rest += Array(text.utf8)
        while !rest.isEmpty {
            let count = rest.withUnsafeBytes { write(descriptor, $0.baseAddress, $0.count) }
            if count < 0, errno == EINTR { continue }
            if count < 0, waitsForRoom, errno == ENOSPC || errno == EDQUOT {
                if !isWaiting { warnOfFullDisk() }
                return
            }
            guard count >= 0 else { throw ReportError.unwritable(path: path, reason: systemReason()) }
            rest = rest.dropFirst(count)
        }
    }

    private func warnOfFullDisk() {
        let warning = "warning: cannot write \(path): \(systemReason()); its lines are kept until there is room\n"
        FileHandle.standardError.write(Data(warning.utf8))
    }

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
    static func replace(_ path: String, with text: String) throws {
        var status = stat()
        if stat(path, &status) == 0, status.st_mode & S_IFMT != S_IFREG {
            return try TextFile(appendingTo: path).append(text)
        }
        // Beside the file itself where the path is a link to it.
        let target = URL(filePath: path).resolvingSymlinksInPath().path
        let temporary = "\(target).partial-\(getpid())"
        do {
            try TextFile(appendingTo: temporary).append(text)
            guard rename(temporary, target) == 0 else {
                throw ReportError.unwritable(path: path, reason: systemReason())
            }
        } catch ReportError.unwritable(_, let reason) {
            unlink(temporary)
            throw ReportError.unwritable(path: path, reason: reason)
        }
    }
}

/// Replaces a file by another content, or leaves it as it was.
/// - Throws: `ReportError`.
package func replaceText(_ path: String, with text: String) throws { try TextFile.replace(path, with: text) }

/// The whole text of a file; bytes that are not UTF-8 are replaced.
/// - Throws: `ReportError.unreadable`.
package func readText(_ path: String) throws -> String {
    let descriptor = open(path, O_RDONLY | O_CLOEXEC)
    guard descriptor >= 0 else { throw ReportError.unreadable(path: path, reason: systemReason()) }
    defer { close(descriptor) }
    var bytes: [UInt8] = []
    var piece = [UInt8](repeating: 0, count: 1 << 16)
    while true {
        let count = piece.withUnsafeMutableBytes { read(descriptor, $0.baseAddress, $0.count) }
        if count < 0, errno == EINTR { continue }
        guard count >= 0 else { throw ReportError.unreadable(path: path, reason: systemReason()) }
        if count == 0 { return String(decoding: bytes, as: UTF8.self) }
        bytes += piece[..<count]
    }
}

/// The system's words for the failure of its last call.
private func systemReason() -> String { String(cString: strerror(errno)) }

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
