/// Reads Stanford Cars (Krause et al., 2013) in the two layouts it is distributed in, or any subset:
///
/// | file | variable |
/// |---|---|
/// | `devkit/cars_meta.mat` | `class_names`: a cell for each class |
/// | `devkit/cars_train_annos.mat` | `annotations`: structs of `bbox_x1` `bbox_y1` `bbox_x2` `bbox_y2` `class` `fname`, in `cars_train/` |
/// | `devkit/cars_test_annos_withlabels.mat`, also beside `devkit/` | the same for `cars_test/` |
/// | `devkit/cars_test_annos.mat` | the same without `class`: the images can be classified, not scored |
///
/// or `cars_annos.mat` with `class_names` and `annotations` of `relative_im_path`, the box, `class` and `test`. Boxes count
/// pixels from 1, classes too.
enum CarsDataset: DatasetReader {
    static let name = "Stanford Cars"
    static let contents = "cars_train/, cars_test/ and devkit/, or car_ims/ and cars_annos.mat"

    /// Fields of a struct: left, top, right, bottom.
    static let boxFields = ["bbox_x1", "bbox_y1", "bbox_x2", "bbox_y2"]

    static var layoutWriter: (any LayoutWriter.Type)? { CarsLayoutWriter.self }

    static func officialCounts(level: AircraftLevel) -> OfficialCounts? {
        OfficialCounts(classes: 196, images: [.train: 8144, .test: 8041])
    }

    static func read(folder: String, options: DatasetOptions) throws -> ImageDataset {
        let folder = try DatasetFolder(folder, contents: contents, usualName: "stanford_cars")
        return folder.has("cars_annos.mat")
            ? try readSingleFile(folder, options: options) : try readDevkit(folder, options: options)
    }

    // MARK: Layouts

    private static func readSingleFile(_ folder: DatasetFolder, options: DatasetOptions) throws -> ImageDataset {
        let file = try MATFile(path: folder("cars_annos.mat"))
        let classes = try file.variable("class_names").texts()
        var rows = Rows(folder: folder, classCount: classes.count, options: options)
        let records = try file.variable("annotations").records(
            of: ["relative_im_path", "test"] + boxFields + ["class"])
        var splits: [DatasetSplit: [ImageSample]] = [.train: [], .test: []]
        for (number, record) in records.enumerated() {
            let split: DatasetSplit = try record[1].integer(in: 0...1) == 1 ? .test : .train
            splits[split]?.append(try rows.sample(record[0], in: "", box: record[2..<6], record[6], number: number + 1))
        }
        return ImageDataset(name: name, classNames: classes, splits: splits)
    }

    private static func readDevkit(_ folder: DatasetFolder, options: DatasetOptions) throws -> ImageDataset {
        try folder.require(["devkit/cars_train_annos.mat", "devkit/cars_meta.mat"])
        let classes = try MATFile(path: folder("devkit/cars_meta.mat")).variable("class_names").texts()
        var rows = Rows(folder: folder, classCount: classes.count, options: options)
        var splits: [DatasetSplit: [ImageSample]] = [
            .train: try rows.samples(of: annotations("devkit/cars_train_annos.mat", in: folder), in: "cars_train/")
        ]
        let withLabels = "cars_test_annos_withlabels.mat"
        if let file = ["devkit/\(withLabels)", withLabels].first(where: folder.has) {
            splits[.test] = try rows.samples(of: annotations(file, in: folder), in: "cars_test/")
            return ImageDataset(name: name, classNames: classes, splits: splits)
        }
        let withoutLabels = "devkit/cars_test_annos.mat"
        guard folder.has(withoutLabels) else {
            return ImageDataset(name: name, classNames: classes, splits: splits)
        }
        let test = try annotations(withoutLabels, in: folder)
        if test.hasField("class") {
            splits[.test] = try rows.samples(of: test, in: "cars_test/")
            return ImageDataset(name: name, classNames: classes, splits: splits)
        }
        let unlabelled = try rows.samples(of: test, in: "cars_test/", labelled: false)
        return ImageDataset(
            name: name, classNames: classes, splits: splits,
            unlabelled: [.test: UnlabelledImages(samples: unlabelled, missingFile: folder("devkit/\(withLabels)"))])
    }

    private static func annotations(_ file: String, in folder: DatasetFolder) throws -> MATValue {
        try MATFile(path: folder(file)).variable("annotations")
    }

    // MARK: Rows

    /// Makes samples of the structs.
    private struct Rows {
        let folder: DatasetFolder
        let classCount: Int
        let options: DatasetOptions
        var listing = ImageListing()

        init(folder: DatasetFolder, classCount: Int, options: DatasetOptions) {
            self.folder = folder
            self.classCount = classCount
            self.options = options
        }

        mutating func samples(
            of annotations: MATValue, in images: String, labelled: Bool = true
        ) throws -> [ImageSample] {
            let fields = ["fname"] + CarsDataset.boxFields + (labelled ? ["class"] : [])
            return try annotations.records(of: fields).enumerated().map { number, record in
                try sample(
                    record[0], in: images, box: record[1..<5], labelled ? record[5] : nil, number: number + 1)
            }
        }

        mutating func sample(
            _ file: MATValue, in images: String, box: ArraySlice<MATValue>, _ label: MATValue?, number: Int
        ) throws -> ImageSample {
            let relativePath = images + (try file.text())
            let path = folder(relativePath)
            if options.checkingImages { try listing.require(path, relativePath: relativePath, at: file.location) }
            let corners = try box.map { try $0.number() }
            guard let pixels = BoundingBox(corners: corners) else {
                throw DatasetError.wrongValue(
                    box[box.startIndex].location, found: "part of the box \(corners)",
                    expected: "x1 ≤ x2 and y1 ≤ y2")
            }
            return ImageSample(
                path: path, relativePath: relativePath,
                label: try label.map { try $0.integer(in: 1...classCount) - 1 } ?? ImageSample.unknownLabel,
                box: pixels, officialID: number)
        }
    }
}
