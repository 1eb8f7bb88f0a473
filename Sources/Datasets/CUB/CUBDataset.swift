/// Reads Caltech-UCSD Birds-200-2011 (Wah et al., 2011) as it is distributed, or any subset in the same layout:
///
/// | file | row |
/// |---|---|
/// | `images.txt` | image id, path below `images/` |
/// | `image_class_labels.txt` | image id, class id |
/// | `train_test_split.txt` | image id, 1 for training or 0 for test |
/// | `classes.txt` | class id, name |
/// | `bounding_boxes.txt` | image id, x, y, width, height in pixels |
///
/// Ids may be any whole numbers. A label is the rank of its class id in `classes.txt`. Rows about images that
/// `images.txt` does not list are ignored, so cutting `images.txt` makes a subset.
public enum CUBDataset: DatasetReader {
    static let name = "CUB-200-2011"
    static let contents =
        "images.txt, image_class_labels.txt, train_test_split.txt, classes.txt and images/ (CUB_200_2011 in the archive)"

    static var layoutWriter: (any LayoutWriter.Type)? { CUBLayoutWriter.self }

    static func officialCounts(level: AircraftLevel) -> OfficialCounts? {
        OfficialCounts(classes: 200, images: [.train: 5994, .test: 5794])
    }

    /// Reads the annotation files in `folder`.
    /// - Throws: `DatasetError`, for the first fault found.
    public static func read(folder: String, options: DatasetOptions = DatasetOptions()) throws -> ImageDataset {
        let layout = try CUBLayout(folder: folder, options: options)
        let classes = try Classes(path: layout.classes)
        let images = try AnnotationFile(path: layout.images, expected: "an image id and a path")
        let labels = try readLabels(path: layout.labels, classes: classes)
        let splits = try readSplits(path: layout.splits)
        let boxes = try layout.boxes.map(readBoxes)
        var listing = ImageListing()

        var train: [ImageSample] = []
        var test: [ImageSample] = []
        for row in images.rows {
            let relativePath = String(row.rest)
            let path = "\(layout.imageFolder)/\(relativePath)"
            if options.checkingImages {
                try listing.require(path, relativePath: relativePath, at: images.location(of: row))
            }
            func annotation<Value>(_ values: [Int: Value], _ file: String) throws -> Value {
                guard let value = values[row.id] else {
                    throw DatasetError.missingAnnotation(
                        images.location(of: row), id: row.id, relativePath: relativePath, file: file)
                }
                return value
            }
            let label = try annotation(labels, layout.labels)
            let isTraining = try annotation(splits, layout.splits)
            var box = boxes?[row.id]
            if options.requiringBoxes, let boxes, let file = layout.boxes { box = try annotation(boxes, file) }
            let sample = ImageSample(
                path: path, relativePath: relativePath, label: label, box: box, officialID: row.id)
            if isTraining { train.append(sample) } else { test.append(sample) }
        }
        return ImageDataset(name: name, classNames: classes.names, train: train, test: test)
    }

    /// `classes.txt`: names in the order of class ids.
    private struct Classes {
        let path: String
        let names: [String]
        let labelOfID: [Int: Int]

        init(path: String) throws {
            self.path = path
            let file = try AnnotationFile(path: path, expected: "a class id and a name")
            let rows = file.rows.sorted { $0.id < $1.id }
            names = rows.map { String($0.rest) }
            labelOfID = Dictionary(uniqueKeysWithValues: rows.enumerated().map { ($1.id, $0) })
        }

        /// As in `1…20`, or with the count where there are gaps.
        var allowed: String {
            let ids = labelOfID.keys
            guard let first = ids.min(), let last = ids.max() else { return "no classes" }
            return last - first + 1 == ids.count
                ? "\(first)…\(last)" : "\(ids.count) classes between \(first) and \(last)"
        }
    }

    private static func readLabels(path: String, classes: Classes) throws -> [Int: Int] {
        let expected = "an image id and a class id"
        return try AnnotationFile(path: path, expected: expected).values(expected: expected) { rest, location in
            guard let classID = Int(rest) else { return nil }
            guard let label = classes.labelOfID[classID] else {
                throw DatasetError.unknownClass(
                    location, label: classID, allowed: classes.allowed, classesFile: classes.path)
            }
            return label
        }
    }

    private static func readSplits(path: String) throws -> [Int: Bool] {
        let expected = "an image id and 1 (training) or 0 (test)"
        return try AnnotationFile(path: path, expected: expected).values(expected: expected) { rest, _ in
            ["0": false, "1": true][rest]
        }
    }

    private static func readBoxes(path: String) throws -> [Int: BoundingBox] {
        let expected = "an image id, x, y, width and height, with width and height above 0"
        return try AnnotationFile(path: path, expected: expected).values(expected: expected) { rest, _ in
            let fields = rest.split(whereSeparator: \.isWhitespace)
            let numbers = fields.compactMap { Double($0) }
            guard fields.count == 4, numbers.count == 4, numbers.allSatisfy(\.isFinite), numbers[2] > 0, numbers[3] > 0
            else { return nil }
            return BoundingBox(x: numbers[0], y: numbers[1], width: numbers[2], height: numbers[3])
        }
    }
}

/// Where the parts of a CUB folder are; made only if the necessary ones exist.
private struct CUBLayout {
    let images, labels, splits, classes, imageFolder: String
    /// `bounding_boxes.txt`, if there is one.
    let boxes: String?

    init(folder: String, options: DatasetOptions) throws {
        let folder = try DatasetFolder(folder, contents: CUBDataset.contents, usualName: "CUB_200_2011")
        images = folder("images.txt")
        labels = folder("image_class_labels.txt")
        splits = folder("train_test_split.txt")
        classes = folder("classes.txt")
        imageFolder = folder("images")
        boxes = folder.has("bounding_boxes.txt") ? folder("bounding_boxes.txt") : nil
        try folder.require(
            ["images.txt", "image_class_labels.txt", "train_test_split.txt", "classes.txt"]
                + (options.requiringBoxes ? ["bounding_boxes.txt"] : []) + (options.checkingImages ? ["images"] : []))
    }
}
