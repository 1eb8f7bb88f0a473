import Foundation

/// A system call on a file or folder that failed, with the system's reason.
public struct FileError: Error, Hashable, CustomStringConvertible {
    /// What was being done, as in "write" or "rename".
    public let operation: String
    /// The file or folder.
    public let path: String
    /// The system's error number, `errno`.
    public let code: Int32

    /// What failed, on which path, and the `errno` it left.
    public init(operation: String, path: String, code: Int32) {
        self.operation = operation
        self.path = path
        self.code = code
    }

    /// Whether there is no room on the disk, or none that its owner may use.
    public var isFullDisk: Bool { code == ENOSPC || code == EDQUOT }

    public var description: String {
        "cannot \(operation) \(path): \(String(cString: strerror(code))) (errno \(code))\(advice)"
    }

    private var advice: String {
        switch code {
        case ENOSPC, EDQUOT: "; free some space there or choose another folder"
        case EACCES, EPERM: "; check the owner and the permissions, or choose another folder"
        case EROFS: "; the file system is mounted read-only: choose another folder"
        case ENOENT: "; check that the path exists on this host"
        case ENOTDIR: "; a part of the path is a file, not a folder"
        case EISDIR: "; this is a folder: name a file"
        case EIO, ESTALE: "; the disk or the file server failed: look at the system's log"
        case EMFILE, ENFILE: "; raise the limit of open files (ulimit -n)"
        default: ""
        }
    }
}

/// Runs a system call, again while a signal interrupts it.
/// - Returns: the call's result, which is not negative.
/// - Throws: `FileError` with `errno` when the result is negative.
@discardableResult
package func systemCall<Result: SignedInteger>(
    _ operation: String, _ path: String, _ body: () -> Result
) throws(FileError) -> Result {
    while true {
        let result = body()
        if result >= 0 { return result }
        let code = errno
        if code != EINTR { throw FileError(operation: operation, path: path, code: code) }
    }
}
