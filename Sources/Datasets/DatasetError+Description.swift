extension DatasetError: CustomStringConvertible {
    public var description: String {
        switch self {
        case .missingFolder(let path, let contents):
            "\(path): no such folder; give the folder that holds \(contents)"
        case .missingFile(let path, let contents, let suggestion?):
            "\(path): not found; the data set's folder holds \(contents); did you mean \(suggestion)?"
        case .missingFile(let path, let contents, nil):
            "\(path): not found; the data set's folder holds \(contents); unpack the archive again"
        case .unreadableFile(let path, let reason):
            "\(path): cannot read the file: \(reason)"
        case .emptyFile(let path):
            "\(path): the file has no rows; unpack the archive again"
        case .malformedRow(let location, let row, let expected):
            "\(location): cannot read “\(row)”; expected \(expected)"
        case .duplicateID(let location, let id, let firstLine):
            "\(location): id \(id) is already used in line \(firstLine); each id may occur once"
        case .unknownClass(let location, let label, let allowed, let classesFile):
            "\(location): class \(label) is not in \(classesFile), which has \(allowed); correct the row or the list"
        case .missingAnnotation(let location, let id, let relativePath, let file):
            "\(location): image \(id) (\(relativePath)) has no row in \(file); add the row or remove the image"
        case .missingImage(let location, let relativePath, let path):
            "\(location): \(relativePath) is not in the images folder (looked for \(path)); unpack the archive again or"
                + " remove the row"
        case .wrongValue(let location, let found, let expected):
            "\(location) is \(found); expected \(expected); fetch the file again"
        case .unlabelledSplit(let dataset, let split, let count, let missing):
            "\(dataset): the \(count) images of the \(split.rawValue) split have no labels, as there is no \(missing); add"
                + " it, choose another split, or only predict (aam evaluate --predictions)"
        case .missingSplit(let dataset, let split, let available):
            "\(dataset): the folder has no \(split.rawValue) split; it has"
                + " \(available.map(\.rawValue).joined(separator: ", "))"
        case .noImages(let path, let expected):
            "\(path): no images found; expected \(expected)"
        case .unknownClassFolder(let path, let training):
            "\(path): there is no class of this name in \(training); the classes are those of the training images"
        case .noBoxes(let path, let reason):
            "\(path): \(reason); train and evaluate without --crop-boxes"
        case .notSynthesized(let layout):
            "nothing writes synthetic images in the layout \(layout.rawValue); choose one of"
                + " \(DatasetFormat.allCases.filter(\.isSynthesized).map(\.rawValue).joined(separator: ", "))"
        case .folderNotEmpty(let path):
            "\(path): the folder is not empty, so nothing was written; give a new or an empty folder"
        case .unwritable(let path, let reason):
            "\(path): cannot write: \(reason)"
        }
    }
}
