import Foundation

/// The first `limit` bytes of a file, or all of them.
/// - Throws: `ImageError.unreadable` with the system's reason.
func readFile(_ path: String, limit: Int = .max) throws -> [UInt8] {
    func failure() -> ImageError { .unreadable(path: path, reason: String(cString: strerror(errno))) }

    let descriptor = open(path, O_RDONLY | O_CLOEXEC)
    guard descriptor >= 0 else { throw failure() }
    defer { close(descriptor) }
    var status = stat()
    guard fstat(descriptor, &status) == 0 else { throw failure() }
    guard status.st_mode & S_IFMT == S_IFREG else {
        throw ImageError.unreadable(path: path, reason: "not a regular file")
    }
    let wanted = min(Int(status.st_size), limit)
    return try [UInt8](unsafeUninitializedCapacity: wanted) { buffer, count in
        count = 0
        while count < wanted, let base = buffer.baseAddress {
            let received = read(descriptor, base + count, wanted - count)
            if received < 0 {
                if errno == EINTR { continue }
                throw failure()
            }
            if received == 0 { break }
            count += received
        }
    }
}
