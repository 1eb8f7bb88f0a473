import Foundation

/// Reads a folder of one's own, in which each sub-folder is a class and holds its images:
///
/// - `train/CLASS/…` with `val/CLASS/…` (or `valid/`, `validation/`), `test/CLASS/…`, or both. The classes are those of
///   `train/`. Runs validate on `val` where there is one.
/// - `CLASS/…` alone. A fifth of each class, rounded down, is its test split: which images is drawn by their names, so it
///   is the same wherever the folder lies.
///
/// Classes and images come in the order of their names. Files count as images by their extension; what they really are
/// shows when they are decoded.
enum FolderDataset: DatasetReader {
    static let contents = "train/ and val/ or test/ with a sub-folder for each class, or those sub-folders alone"
    private static let extensions: Set<String> = [
        "jpg", "jpeg", "jpe", "jfif", "png", "bmp", "gif", "tif", "tiff", "webp", "ppm", "pgm", "heic", "avif",
    ]
    /// One image of this many is a test image where there is a single tree.
    private static let holdout = 5

    static var layoutWriter: (any LayoutWriter.Type)? { FolderLayoutWriter.self }

    static func read(folder: String, options: DatasetOptions) throws -> ImageDataset {
        let folder = try DatasetFolder(folder, contents: contents)
        guard !options.requiringBoxes else {
            throw DatasetError.noBoxes(path: folder.path, reason: "this layout has no bounding boxes")
        }
        let validation = ["val", "valid", "validation"].first { isFolder(folder($0)) }
        let hasTest = isFolder(folder("test"))
        guard isFolder(folder("train")), validation != nil || hasTest else { return try readSingleTree(folder) }

        let train = try ClassTree(folder("train"))
        var splits: [DatasetSplit: [ImageSample]] = [.train: try train.samples(classes: train.classes, in: folder)]
        if let validation {
            splits[.val] = try ClassTree(folder(validation)).samples(classes: train.classes, in: folder)
        }
        if hasTest { splits[.test] = try ClassTree(folder("test")).samples(classes: train.classes, in: folder) }
        return ImageDataset(
            name: name(of: folder), classNames: train.classes, splits: splits,
            validationSplit: validation == nil ? .test : .val)
    }

    private static func readSingleTree(_ folder: DatasetFolder) throws -> ImageDataset {
        let tree = try ClassTree(folder.path)
        let samples = try tree.samples(classes: tree.classes, in: folder)
        var isTest: Set<String> = []
        for ofClass in Dictionary(grouping: samples, by: \.label).values {
            let drawn = ofClass.map(\.relativePath).sorted { (fnv1a($0.utf8), $0) < (fnv1a($1.utf8), $1) }
            isTest.formUnion(drawn.prefix(drawn.count / holdout))
        }
        let name = name(of: folder)
        return ImageDataset(
            name: name, classNames: tree.classes,
            splits: [
                .train: samples.filter { !isTest.contains($0.relativePath) },
                .test: samples.filter { isTest.contains($0.relativePath) },
            ],
            warnings: [
                "\(name) has no train/ beside val/ or test/: a fifth of each class, drawn by the images' names, is kept"
                    + " as test images"
            ])
    }

    private static func name(of folder: DatasetFolder) -> String {
        URL(filePath: folder.path).standardizedFileURL.lastPathComponent
    }

    /// A folder of class folders.
    private struct ClassTree {
        let path: String
        let classes: [String]

        init(_ path: String) throws {
            self.path = path
            classes = try Self.visibleNames(in: path).filter { isFolder("\(path)/\($0)") }
            guard !classes.isEmpty else {
                throw DatasetError.noImages(path: path, expected: "a sub-folder for each class")
            }
        }

        /// The images of all classes; labels are places in `classes`.
        func samples(classes known: [String], in folder: DatasetFolder) throws -> [ImageSample] {
            let labels = Dictionary(uniqueKeysWithValues: zip(known, known.indices))
            var samples: [ImageSample] = []
            for name in classes {
                guard let label = labels[name] else {
                    throw DatasetError.unknownClassFolder(path: "\(path)/\(name)", training: folder("train"))
                }
                let images = try Self.visibleNames(in: "\(path)/\(name)").filter { file in
                    extensions.contains((file as NSString).pathExtension.lowercased())
                }
                guard !images.isEmpty else {
                    throw DatasetError.noImages(
                        path: "\(path)/\(name)", expected: "images of the class, directly in its folder")
                }
                for image in images {
                    let path = "\(path)/\(name)/\(image)"
                    samples.append(
                        ImageSample(
                            path: path, relativePath: String(path.dropFirst(folder.path.count + 1)), label: label,
                            officialID: samples.count + 1))
                }
            }
            return samples
        }

        private static func visibleNames(in path: String) throws -> [String] {
            do {
                return try FileManager.default.contentsOfDirectory(atPath: path).filter { !$0.hasPrefix(".") }.sorted()
            } catch {
                throw DatasetError.unreadableFile(path: path, reason: systemReason(of: error))
            }
        }
    }
}
