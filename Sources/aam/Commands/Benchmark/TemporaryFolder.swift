import Foundation
import Training

/// A folder of a benchmark's own, removed with all that is in it when the value goes away.
final class TemporaryFolder {
    let path: String

    /// - Parameter parent: where; the system's folder for temporary files if nil.
    /// - Throws: `FileError`.
    init(in parent: String?) throws {
        let parent = parent.map { URL(filePath: $0) } ?? FileManager.default.temporaryDirectory
        path = parent.appending(path: "aam-benchmark-\(UUID().uuidString)").path
        try Folder.create(path)
    }

    deinit { try? FileManager.default.removeItem(atPath: path) }
}
