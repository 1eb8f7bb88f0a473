import Foundation

/// A file that grows, and has at once what is appended.
///
/// By system calls, because Foundation's errors do not tell the system's reason.
final class AppendedFile {
    private let descriptor: Int32
    private let path: String
    private let waitsForRoom: Bool
    /// What is still to be written.
    private var rest: ArraySlice<UInt8> = []

    /// Opens the file, creating it if necessary.
    /// - Parameter waitsForRoom: keep what a full disk does not take until it does, instead of failing.
    /// - Throws: `ReportError`.
    init(_ path: String, waitingForRoom waitsForRoom: Bool = false) throws {
        self.path = path
        self.waitsForRoom = waitsForRoom
        descriptor = open(path, O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0o666)
        guard descriptor >= 0 else { throw ReportError.unwritable(path: path, reason: systemReason()) }
    }

    deinit { close(descriptor) }

    /// Writes at once, so that a run that is killed has it.
    /// - Throws: `ReportError`.
    func append(_ bytes: some Sequence<UInt8>) throws {
        let isWaiting = !rest.isEmpty
        rest += bytes
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
        let warning = "warning: cannot write \(path): \(systemReason()); what it lacks is kept until there is room\n"
        FileHandle.standardError.write(Data(warning.utf8))
    }

    /// Replaces a file by another content, or leaves it as it was. Pipes and devices get the content.
    /// - Throws: `ReportError`.
    static func replace(_ path: String, with bytes: some Sequence<UInt8>) throws {
        var status = stat()
        if stat(path, &status) == 0, status.st_mode & S_IFMT != S_IFREG {
            return try AppendedFile(path).append(bytes)
        }
        // Beside the file itself where the path is a link to it.
        let target = URL(filePath: path).resolvingSymlinksInPath().path
        let temporary = "\(target).partial-\(getpid())"
        do {
            try AppendedFile(temporary).append(bytes)
            guard rename(temporary, target) == 0 else {
                throw ReportError.unwritable(path: path, reason: systemReason())
            }
        } catch ReportError.unwritable(_, let reason) {
            unlink(temporary)
            throw ReportError.unwritable(path: path, reason: reason)
        }
    }

    /// All bytes of a file.
    /// - Throws: `ReportError.unreadable`.
    static func contents(of path: String) throws -> [UInt8] {
        let descriptor = open(path, O_RDONLY | O_CLOEXEC)
        guard descriptor >= 0 else { throw ReportError.unreadable(path: path, reason: systemReason()) }
        defer { close(descriptor) }
        var bytes: [UInt8] = []
        var piece = [UInt8](repeating: 0, count: 1 << 16)
        while true {
            let count = piece.withUnsafeMutableBytes { read(descriptor, $0.baseAddress, $0.count) }
            if count < 0, errno == EINTR { continue }
            guard count >= 0 else { throw ReportError.unreadable(path: path, reason: systemReason()) }
            if count == 0 { return bytes }
            bytes += piece[..<count]
        }
    }
}

/// The system's words for the failure of its last call.
private func systemReason() -> String { String(cString: strerror(errno)) }
