/// Why a data set cannot be read or written. `DatasetError+Description.swift` words it.
public enum DatasetError: Error, Hashable, Sendable {
    /// The data set's folder is not there, or is a file. `contents` says what belongs in it.
    case missingFolder(path: String, contents: String)
    /// A file or folder of the layout is not there. `suggestion` is the folder that was probably meant.
    case missingFile(path: String, contents: String, suggestion: String?)
    case unreadableFile(path: String, reason: String)
    case emptyFile(path: String)
    case malformedRow(FileLocation, row: String, expected: String)
    case duplicateID(FileLocation, id: Int, firstLine: Int)
    /// A class that the list of classes does not have; `allowed` as in `1…200`.
    case unknownClass(FileLocation, label: Int, allowed: String, classesFile: String)
    /// An image that another annotation file says nothing of.
    case missingAnnotation(FileLocation, id: Int, relativePath: String, file: String)
    case missingImage(FileLocation, relativePath: String, path: String)
    /// Where a data set was to be written.
    case folderNotEmpty(path: String)
    case unwritable(path: String, reason: String)
}

/// A line, from 1, of a text file.
public struct FileLocation: Hashable, Sendable, CustomStringConvertible {
    public let path: String
    public let line: Int

    public init(path: String, line: Int) {
        self.path = path
        self.line = line
    }

    /// As compilers write it: `path:line`.
    public var description: String { "\(path):\(line)" }
}
