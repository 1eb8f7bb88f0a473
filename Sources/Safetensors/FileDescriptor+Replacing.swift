import Foundation

extension FileDescriptor {
    /// Writes a file under a temporary name beside `path` and renames it: whoever opens `path` sees the file that was
    /// there before or the new one, complete.
    ///
    /// - Parameter synchronize: whether to wait until the content and the name are on the disk.
    /// - Throws: `FileError`, and what `write` throws; then `path` is as it was before.
    package static func replace(
        _ path: String, synchronize: Bool = false, _ write: (borrowing FileDescriptor) throws -> Void
    ) throws {
        let temporary = "\(path).partial-\(UUID().uuidString)"
        do {
            let file = try FileDescriptor(creating: temporary)
            try write(file)
            if synchronize { try file.synchronize() }
            try systemCall("write", path) { rename(temporary, path) }
        } catch {
            unlink(temporary)
            throw error
        }
        if synchronize { try synchronizeFolder(URL(filePath: path).deletingLastPathComponent().path) }
    }
}
