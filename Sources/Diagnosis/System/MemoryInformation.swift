import Foundation

/// Bytes that `/proc/meminfo` tells, by their names there.
struct MemoryInformation {
    private let bytes: [String: Int]

    init(_ text: String) {
        var bytes: [String: Int] = [:]
        for line in text.split(separator: "\n") {
            let fields = line.split { $0 == ":" || $0 == " " }
            guard fields.count >= 2, let number = Int(fields[1]) else { continue }
            bytes[String(fields[0])] = fields.count > 2 && fields[2] == "kB" ? number << 10 : number
        }
        self.bytes = bytes
    }

    subscript(_ name: String) -> Int? { bytes[name] }
}

/// The file system that a path is on.
struct FileSystem {
    /// Bytes.
    let size: Int
    /// Bytes that this user may still write.
    let free: Int

    /// - Returns: nil if the path does not exist.
    init?(_ path: String) {
        var status = statvfs()
        guard statvfs(path, &status) == 0 else { return nil }
        size = Int(status.f_blocks) * Int(status.f_frsize)
        free = Int(status.f_bavail) * Int(status.f_frsize)
    }
}
