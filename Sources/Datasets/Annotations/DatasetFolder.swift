import Foundation

/// The folder of a data set and the names of the files that belong in it.
struct DatasetFolder {
    /// Without slashes at the end.
    let path: String
    /// For errors: what the folder holds.
    let contents: String
    /// A folder below this one that is named if the data set seems to be there.
    let usualName: String?

    /// - Throws: `DatasetError.missingFolder`.
    init(_ path: String, contents: String, usualName: String? = nil) throws {
        var trimmed = path
        while trimmed.count > 1, trimmed.hasSuffix("/") { trimmed.removeLast() }
        self.path = trimmed
        self.contents = contents
        self.usualName = usualName
        guard isFolder(trimmed) else { throw DatasetError.missingFolder(path: path, contents: contents) }
    }

    func callAsFunction(_ name: String) -> String { "\(path)/\(name)" }

    func has(_ name: String) -> Bool { isThere(self(name)) }

    /// - Throws: `DatasetError.missingFile` for the first that is not there; it names another folder if the first of
    ///   `names` is below this one or above it.
    func require(_ names: [String]) throws {
        for name in names where !has(name) {
            throw DatasetError.missingFile(path: self(name), contents: contents, suggestion: suggestion(for: names[0]))
        }
    }

    private func suggestion(for name: String) -> String? {
        let above = (path as NSString).deletingLastPathComponent
        return ([usualName.map { self($0) }, above].compactMap { $0 })
            .first { $0 != path && isThere("\($0)/\(name)") }
    }
}

func isFolder(_ path: String) -> Bool {
    var isFolder: ObjCBool = false
    return FileManager.default.fileExists(atPath: path, isDirectory: &isFolder) && isFolder.boolValue
}

func isThere(_ path: String) -> Bool { FileManager.default.fileExists(atPath: path) }
