import Foundation

/// Tells whether listed images are there, reading each folder once: on a network file system far cheaper than asking
/// for each of ten thousand files.
struct ImageListing {
    private var namesOfFolder: [String: Set<String>] = [:]

    /// - Throws: `DatasetError.missingImage` if there is no file at `path`.
    mutating func require(_ path: String, relativePath: String, at location: @autoclosure () -> FileLocation) throws {
        let folder = (path as NSString).deletingLastPathComponent
        let names =
            namesOfFolder[folder] ?? Set((try? FileManager.default.contentsOfDirectory(atPath: folder)) ?? [])
        namesOfFolder[folder] = names
        guard names.contains((path as NSString).lastPathComponent) else {
            throw DatasetError.missingImage(location(), relativePath: relativePath, path: path)
        }
    }
}
