import Foundation

/// A folder of its own for one test, removed with everything in it when the value goes away.
public final class TemporaryFolder {
    public let path: String

    public init() throws {
        path = FileManager.default.temporaryDirectory.appending(path: "aam-tests-\(UUID().uuidString)").path
        try FileManager.default.createDirectory(atPath: path, withIntermediateDirectories: true)
    }

    deinit { try? FileManager.default.removeItem(atPath: path) }

    /// The path of a file or folder in it.
    public func callAsFunction(_ name: String) -> String { "\(path)/\(name)" }

    /// What is in it, sorted.
    public func names() throws -> [String] { try TestSupport.names(in: path) }
}

/// What a file says.
public func text(of path: String) throws -> String { try String(contentsOfFile: path, encoding: .utf8) }

/// The names in a folder, sorted.
public func names(in path: String) throws -> [String] {
    try FileManager.default.contentsOfDirectory(atPath: path).sorted()
}
