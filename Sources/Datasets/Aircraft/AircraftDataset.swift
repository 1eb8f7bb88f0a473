/// Reads FGVC-Aircraft (Maji et al., 2013) as it is distributed, or any subset in the same layout:
///
/// | file | row |
/// |---|---|
/// | `variants.txt`, `families.txt`, `manufacturers.txt` | a class's name |
/// | `images_LEVEL_SPLIT.txt` | image id, class name; levels `variant`, `family`, `manufacturer`; splits `train`, `val`, `trainval`, `test` |
/// | `images_box.txt` | image id, left, top, right and bottom in pixels from 1 |
/// | `images/ID.jpg` | the photograph above 20 rows of credits, which decoding removes |
///
/// `trainval` and `test` must be there; `train` and `val`, its two halves, may be missing. A label is the place of its
/// class in the list of classes.
enum AircraftDataset: DatasetReader {
    static let contents =
        "variants.txt, images_variant_trainval.txt, images_variant_test.txt and images/ (fgvc-aircraft-2013b/data in"
        + " the archive)"
    /// The photographer's name stands below the photograph.
    static let creditRows = 20

    static var layoutWriter: (any LayoutWriter.Type)? { AircraftLayoutWriter.self }

    static func officialCounts(level: AircraftLevel) -> OfficialCounts? {
        OfficialCounts(
            classes: level.officialClasses, images: [.train: 3334, .val: 3333, .trainval: 6667, .test: 3333])
    }

    static func list(of split: DatasetSplit, level: AircraftLevel) -> String {
        "images_\(level.rawValue)_\(split.rawValue).txt"
    }

    static func read(folder: String, options: DatasetOptions) throws -> ImageDataset {
        let level = options.level
        let folder = try DatasetFolder(folder, contents: contents, usualName: "data")
        try folder.require(
            [level.classesFile, list(of: .trainval, level: level), list(of: .test, level: level)]
                + (options.requiringBoxes ? ["images_box.txt"] : []) + (options.checkingImages ? ["images"] : []))
        let classes = try Classes(path: folder(level.classesFile))
        let boxes = folder.has("images_box.txt") ? try readBoxes(path: folder("images_box.txt")) : nil

        var listing = ImageListing()
        func samples(of split: DatasetSplit) throws -> [ImageSample] {
            let file = try AnnotationFile(
                path: folder(list(of: split, level: level)), expected: "an image id and a class name",
                allowingNone: true)
            return try file.rows.map { row in
                let relativePath = "\(row.idText).jpg"
                let location = file.location(of: row)
                if options.checkingImages {
                    try listing.require(folder("images/\(relativePath)"), relativePath: relativePath, at: location)
                }
                guard let label = classes.labelOfName[row.rest] else {
                    throw DatasetError.malformedRow(
                        location, row: "\(row.idText) \(row.rest)",
                        expected: "an image id and one of the \(classes.names.count) names in \(classes.path)")
                }
                let box = boxes?[row.id]
                guard box != nil || !options.requiringBoxes else {
                    throw DatasetError.missingAnnotation(
                        location, id: row.id, relativePath: relativePath, file: folder("images_box.txt"))
                }
                return ImageSample(
                    path: folder("images/\(relativePath)"), relativePath: relativePath, label: label, box: box,
                    officialID: row.id, creditRows: creditRows)
            }
        }
        var splits: [DatasetSplit: [ImageSample]] = [:]
        for split in DatasetSplit.allCases where folder.has(list(of: split, level: level)) {
            splits[split] = try samples(of: split)
        }
        return ImageDataset(name: "FGVC-Aircraft", classNames: classes.names, splits: splits)
    }

    private struct Classes {
        let path: String
        let names: [String]
        let labelOfName: [Substring: Int]

        init(path: String) throws {
            self.path = path
            let lines = try textLines(path)
            guard !lines.isEmpty else { throw DatasetError.emptyFile(path: path) }
            var labelOfName: [Substring: Int] = [:]
            for (label, row) in lines.enumerated() {
                guard labelOfName.updateValue(label, forKey: row.text) == nil else {
                    throw DatasetError.malformedRow(
                        FileLocation(path: path, line: row.line), row: String(row.text),
                        expected: "each class name once")
                }
            }
            self.labelOfName = labelOfName
            names = lines.map { String($0.text) }
        }
    }

    private static func readBoxes(path: String) throws -> [Int: BoundingBox] {
        let expected = "an image id, left, top, right and bottom, with left ≤ right and top ≤ bottom"
        return try AnnotationFile(path: path, expected: expected).values(expected: expected) { rest, _ in
            let fields = rest.split(whereSeparator: \.isWhitespace)
            let edges = fields.compactMap { Double($0) }
            guard fields.count == 4, edges.count == 4 else { return nil }
            return BoundingBox(corners: edges)
        }
    }
}
