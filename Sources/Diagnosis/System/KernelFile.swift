import Foundation

/// Texts that the kernel makes up when they are read, whose files have no size.
enum KernelFile {
    /// The whole text; `String(contentsOfFile:)` would take the first page for all of it.
    /// - Throws: the system's error.
    static func text(_ path: String) throws -> String {
        let file = try FileHandle(forReadingFrom: URL(filePath: path))
        defer { try? file.close() }
        return String(decoding: try file.readToEnd() ?? Data(), as: UTF8.self)
    }
}
