/// Why a data set cannot be read or written. `DatasetError+Description.swift` words it.
public enum DatasetError: Error, Hashable, Sendable {
    /// The data set's folder is not there, or is a file. `contents` says what belongs in it.
    case missingFolder(path: String, contents: String)
    /// A file or folder of the layout is not there. `suggestion` is the folder that was probably meant.
    case missingFile(path: String, contents: String, suggestion: String?)
    /// The system refuses to read an annotation file.
    case unreadableFile(path: String, reason: String)
    /// A file that must list something lists nothing.
    case emptyFile(path: String)
    /// A row that is not what the format has there.
    case malformedRow(FileLocation, row: String, expected: String)
    /// Two rows of one file have the same id.
    case duplicateID(FileLocation, id: Int, firstLine: Int)
    /// A class that the list of classes does not have; `allowed` as in `1…200`.
    case unknownClass(FileLocation, label: Int, allowed: String, classesFile: String)
    /// An image that another annotation file says nothing of.
    case missingAnnotation(FileLocation, id: Int, relativePath: String, file: String)
    /// A listed image is not in the folder.
    case missingImage(FileLocation, relativePath: String, path: String)
    /// A value in a MATLAB file that is not what it should be.
    case wrongValue(FileLocation, found: String, expected: String)
    /// Labels are needed and the folder does not have them.
    case unlabelledSplit(dataset: String, split: DatasetSplit, count: Int, missing: String)
    /// The data set has no such split.
    case missingSplit(dataset: String, split: DatasetSplit, available: [DatasetSplit])
    /// A folder in which classes or images were expected.
    case noImages(path: String, expected: String)
    /// A class folder outside of the training images' folder that is not in it.
    case unknownClassFolder(path: String, training: String)
    /// Images were to be cut to boxes that are not there.
    case noBoxes(path: String, reason: String)
    /// No images are drawn in this layout.
    case notSynthesized(DatasetFormat)
    /// Where a data set was to be written.
    case folderNotEmpty(path: String)
    /// The system refuses to write there.
    case unwritable(path: String, reason: String)
}

/// A place in a file: a line, from 1, of a text, or a value of a MATLAB file.
public struct FileLocation: Hashable, Sendable, CustomStringConvertible {
    /// The file.
    public let path: String
    private let place: String

    /// A line of a text file, from 1.
    public init(path: String, line: Int) {
        self.path = path
        place = String(line)
    }

    /// - Parameters:
    ///   - path: the file.
    ///   - value: as MATLAB would name it: `annotations(12).fname`.
    public init(path: String, value: String) {
        self.path = path
        place = " \(value)"
    }

    /// As compilers write it, `path:line`; or `path: value`.
    public var description: String { "\(path):\(place)" }
}
