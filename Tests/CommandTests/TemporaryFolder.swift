import Foundation

/// A folder of one test, removed when the value goes away.
final class TemporaryFolder {
    let path: String

    init() throws {
        path = FileManager.default.temporaryDirectory.appending(path: "aam-command-\(UUID().uuidString)").path
        try FileManager.default.createDirectory(atPath: path, withIntermediateDirectories: true)
    }

    deinit { try? FileManager.default.removeItem(atPath: path) }

    func callAsFunction(_ name: String) -> String { "\(path)/\(name)" }

    /// Writes a text file and returns its path.
    func write(_ name: String, _ text: String) throws -> String {
        let path = self(name)
        try text.write(toFile: path, atomically: false, encoding: .utf8)
        return path
    }
}

func text(of path: String) throws -> String { try String(contentsOfFile: path, encoding: .utf8) }

func bytes(of path: String) throws -> Data { try Data(contentsOf: URL(filePath: path)) }

func exists(_ path: String) -> Bool { FileManager.default.fileExists(atPath: path) }

func isFolder(_ path: String) -> Bool {
    var result: ObjCBool = false
    return FileManager.default.fileExists(atPath: path, isDirectory: &result) && result.boolValue
}

/// The names in a folder, sorted.
func names(in path: String) throws -> [String] { try FileManager.default.contentsOfDirectory(atPath: path).sorted() }
