import Foundation

/// An open file or folder, closed when the value goes away.
package struct FileDescriptor: ~Copyable {
    package let path: String
    private let number: Int32

    /// Opens a regular file for reading.
    package init(reading path: String) throws(FileError) {
        try self.init("open", path, O_RDONLY | O_CLOEXEC | O_NONBLOCK, 0)
    }

    /// Creates a file for writing; one that exists is an error.
    package init(creating path: String) throws(FileError) {
        try self.init("create", path, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0o666)
    }

    /// Opens a folder, to make the names in it durable with `synchronize`.
    package init(folder path: String) throws(FileError) {
        try self.init("open", path, O_RDONLY | O_DIRECTORY | O_CLOEXEC, 0)
    }

    private init(_ operation: String, _ path: String, _ flags: Int32, _ mode: mode_t) throws(FileError) {
        self.path = path
        number = try systemCall(operation, path) { open(path, flags, mode) }
    }

    deinit { close(number) }

    /// The size of a regular file in bytes.
    /// - Throws: `FileError` also for anything that is not a regular file, as a pipe has no size and may have no end.
    package func regularFileSize() throws(FileError) -> Int {
        var status = stat()
        try systemCall("inspect", path) { fstat(number, &status) }
        guard status.st_mode & S_IFMT == S_IFREG else {
            let code = status.st_mode & S_IFMT == S_IFDIR ? EISDIR : EINVAL
            throw FileError(operation: "read as a regular file", path: path, code: code)
        }
        return Int(status.st_size)
    }

    /// Reads at most `count` bytes at `offset`; fewer only at the end of the file.
    package func read(count: Int, at offset: Int) throws(FileError) -> [UInt8] {
        var failure: FileError?
        let bytes = [UInt8](unsafeUninitializedCapacity: count) { buffer, filled in
            do throws(FileError) {
                while filled < count, let base = buffer.baseAddress {
                    let start = filled
                    let received = try systemCall("read", path) {
                        pread(number, base + start, count - start, off_t(offset + start))
                    }
                    if received == 0 { break }
                    filled += received
                }
            } catch {
                failure = error
            }
        }
        if let failure { throw failure }
        return bytes
    }

    /// Appends all the bytes.
    package func write(_ bytes: [UInt8]) throws(FileError) {
        var failure: FileError?
        bytes.withUnsafeBytes { buffer in
            do throws(FileError) {
                var written = 0
                while written < buffer.count, let base = buffer.baseAddress {
                    let start = written
                    written += try systemCall("write", path) {
                        Foundation.write(number, base + start, buffer.count - start)
                    }
                }
            } catch {
                failure = error
            }
        }
        if let failure { throw failure }
    }

    /// Waits until everything written is on the disk.
    package func synchronize() throws(FileError) {
        try systemCall("synchronize", path) { fsync(number) }
    }

    /// Waits until the names in a folder are on the disk, as after creating, renaming or removing one.
    package static func synchronizeFolder(_ path: String) throws(FileError) {
        let folder = try FileDescriptor(folder: path)
        do throws(FileError) {
            try folder.synchronize()
        } catch {
            // Some network file systems cannot do this for folders, and need not.
            if error.code != EINVAL { throw error }
        }
    }
}
