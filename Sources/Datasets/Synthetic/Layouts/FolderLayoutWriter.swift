/// A folder of train/ and test/ with a sub-folder for each class, which `FolderDataset` reads.
struct FolderLayoutWriter: LayoutWriter {
    mutating func add(_ image: SyntheticImage) -> String {
        let name = image.species.name
        let file = "\(name)_\(padded(image.position + 1, digits: 3)).jpg"
        return "\(image.isTraining ? "train" : "test")/\(name)/\(file)"
    }

    var files: [(name: String, content: AnnotationContent)] { [] }
}
