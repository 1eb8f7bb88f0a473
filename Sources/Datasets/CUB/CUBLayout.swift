import Foundation

/// Where the parts of a CUB folder are; made only if the necessary ones exist.
struct CUBLayout {
    let folder: String

    var images: String { "\(folder)/images.txt" }
    var labels: String { "\(folder)/image_class_labels.txt" }
    var splits: String { "\(folder)/train_test_split.txt" }
    var classes: String { "\(folder)/classes.txt" }
    var imageFolder: String { "\(folder)/images" }
    /// `bounding_boxes.txt`, if there is one.
    let boxes: String?

    init(folder: String, requiringBoxes: Bool, checkingImages: Bool) throws {
        var trimmed = folder
        while trimmed.count > 1, trimmed.hasSuffix("/") { trimmed.removeLast() }
        self.folder = trimmed
        let files = FileManager.default
        var isFolder: ObjCBool = false
        guard files.fileExists(atPath: trimmed, isDirectory: &isFolder), isFolder.boolValue else {
            throw DatasetError.missingFolder(path: folder, contents: CUBDataset.contents)
        }
        let boxFile = "\(trimmed)/bounding_boxes.txt"
        boxes = files.fileExists(atPath: boxFile) ? boxFile : nil

        var necessary = [images, labels, splits, classes]
        if requiringBoxes { necessary.append(boxFile) }
        if checkingImages { necessary.append(imageFolder) }
        for path in necessary where !files.fileExists(atPath: path) {
            throw DatasetError.missingFile(
                path: path, contents: CUBDataset.contents, suggestion: Self.suggestion(for: trimmed))
        }
    }

    /// The folder that was meant if `folder` is the archive's root or the image folder.
    private static func suggestion(for folder: String) -> String? {
        let parent = (folder as NSString).deletingLastPathComponent
        return ["\(folder)/CUB_200_2011", parent].first {
            $0 != folder && FileManager.default.fileExists(atPath: "\($0)/images.txt")
        }
    }
}
