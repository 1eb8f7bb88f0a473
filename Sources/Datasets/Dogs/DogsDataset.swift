/// Reads Stanford Dogs (Khosla et al., 2011) as it is distributed, or any subset in the same layout:
///
/// | file | contents |
/// |---|---|
/// | `train_list.mat`, `test_list.mat`, also in `lists/` | `file_list`: a cell with the path below `Images/` for each image; `labels`: its class, from 1 |
/// | `Images/` | a folder for each class, `n02085620-Chihuahua` |
/// | `Annotation/` | for each image an XML file, without extension, with the boxes of its dogs |
///
/// Classes have their folders' names. An image's box encloses all its dogs; boxes are only read if they are required, as
/// each is a file.
enum DogsDataset: DatasetReader {
    static let name = "Stanford Dogs"
    static let contents = "train_list.mat, test_list.mat, Images/ and Annotation/"

    static var layoutWriter: (any LayoutWriter.Type)? { DogsLayoutWriter.self }

    static func officialCounts(level: AircraftLevel) -> OfficialCounts? {
        OfficialCounts(classes: 120, images: [.train: 12000, .test: 8580])
    }

    static func read(folder: String, options: DatasetOptions) throws -> ImageDataset {
        let folder = try DatasetFolder(folder, contents: contents, usualName: "StanfordDogs")
        let lists = folder.has("lists/train_list.mat") ? "lists/" : ""
        try folder.require(
            ["\(lists)train_list.mat", "\(lists)test_list.mat"]
                + (options.checkingImages ? ["Images"] : []) + (options.requiringBoxes ? ["Annotation"] : []))
        var classes = Classes()
        var splits: [DatasetSplit: [Row]] = [:]
        for split in [DatasetSplit.train, .test] {
            splits[split] = try readList(folder("\(lists)\(split.rawValue)_list.mat"), classes: &classes)
        }
        let names = try classes.names()

        var listing = ImageListing()
        let samples = try splits.mapValues { rows in
            try rows.enumerated().map { number, row in
                let path = folder("Images/\(row.relativePath)")
                if options.checkingImages {
                    try listing.require(path, relativePath: row.relativePath, at: row.location)
                }
                let annotation = folder("Annotation/\(row.relativePath.prefix { $0 != "." })")
                return ImageSample(
                    path: path, relativePath: row.relativePath, label: row.classNumber - 1,
                    box: options.requiringBoxes ? try DogsAnnotation.box(path: annotation) : nil, officialID: number + 1
                )
            }
        }
        return ImageDataset(name: name, classNames: names, splits: samples)
    }

    private struct Row {
        let relativePath: String
        let classNumber: Int
        let location: FileLocation
    }

    private static func readList(_ path: String, classes: inout Classes) throws -> [Row] {
        let file = try MATFile(path: path)
        let files = try file.variable("file_list").cells()
        let labels = try file.variable("labels").elements(files.count)
        return try zip(files, labels).map { file, label in
            let row = Row(
                relativePath: try file.text(), classNumber: try label.integer(in: 1...Classes.most),
                location: file.location)
            try classes.add(row.classNumber, of: row.relativePath, at: file.location)
            return row
        }
    }

    /// The classes' folders by number.
    private struct Classes {
        static let most = 100_000
        private var folderOfNumber: [Int: Substring] = [:]

        /// - Throws: `DatasetError.wrongValue` if the image is not in its class's folder.
        mutating func add(_ number: Int, of relativePath: String, at location: FileLocation) throws {
            let folder = relativePath.prefix { $0 != "/" }
            guard folder.count < relativePath.count else {
                throw DatasetError.wrongValue(location, found: "“\(relativePath)”", expected: "CLASS/IMAGE.jpg")
            }
            let known = folderOfNumber[number]
            guard known == nil || known == folder else {
                throw DatasetError.wrongValue(
                    location, found: "“\(relativePath)” of class \(number)",
                    expected: "an image in \(known ?? ""), as others of its class")
            }
            folderOfNumber[number] = folder
        }

        /// The names by label. A class without images, as subsets have, keeps its number.
        func names() throws -> [String] {
            (1...(folderOfNumber.keys.max() ?? 1)).map { folderOfNumber[$0].map(String.init) ?? "class \($0)" }
        }
    }
}
