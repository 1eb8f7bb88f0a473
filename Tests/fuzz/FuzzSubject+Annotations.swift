import Datasets
import Foundation

extension FuzzSubject {
    private static let words = [
        " ", "\n", "\r\n", "\t", "-", "-1", "0", "1e999", "nan", "inf", "9223372036854775808", "0x1", "\u{FEFF}", "😀",
        "\u{301}", "<bndbox>", "</bndbox>", "<xmin>", "</xmin>", "<ymax>",
    ].map { Array($0.utf8) }

    /// The annotation files of a small data set.
    static func annotations(_ format: DatasetFormat, in folder: String) throws -> FuzzSubject {
        try annotations(format, files: syntheticFiles(of: format, in: "\(folder)/data"), path: "\(folder)/input")
    }

    /// Those of both layouts of Stanford Cars.
    static func cars(in folder: String) throws -> FuzzSubject {
        let single = "\(folder)/single"
        try FileManager.default.createDirectory(atPath: single, withIntermediateDirectories: true)
        let fields = ["relative_im_path", "bbox_x1", "bbox_y1", "bbox_x2", "bbox_y2", "class", "test"]
        let records = [[1.0, 1, 9, 8, 1, 0], [2, 3, 300, 200, 2, 0], [1, 1, 5, 5, 2, 1]].enumerated().map {
            [MATArray.text("car_ims/00000\($0 + 1).jpg")] + $1.map { .numbers([$0]) }
        }
        let file = "\(single)/cars_annos.mat"
        try MATWriter.write(
            [
                ("annotations", .structs(fields: fields, records: records)),
                ("class_names", .cells([.text("Audi A4"), .text("VW Golf")], isColumn: false)),
            ], to: file)
        let devkit = try syntheticFiles(of: .cars, in: "\(folder)/data")
        return try annotations(.cars, files: devkit + [(file, single)], path: "\(folder)/input")
    }

    private static func syntheticFiles(
        of format: DatasetFormat, in dataset: String
    ) throws -> [(file: String, dataset: String)] {
        try SyntheticDataset(classes: 3, trainImagesPerClass: 2, testImagesPerClass: 1, imageSize: 32)
            .write(to: dataset, layout: format)
        return try FileManager.default.subpathsOfDirectory(atPath: dataset).sorted().compactMap { name in
            // Boxes of dogs are in files without extension, one an image; a few do.
            let isBox = name.hasPrefix("Annotation/") && name.hasSuffix("_1")
            return isBox || [".txt", ".mat"].contains { name.hasSuffix($0) } ? ("\(dataset)/\(name)", dataset) : nil
        }
    }

    /// The files take turns being damaged, while the others are whole.
    private static func annotations(
        _ format: DatasetFormat, files: [(file: String, dataset: String)], path: String
    ) throws -> FuzzSubject {
        let whole = try files.map { file, _ in
            FileRepair.plainVariables(of: [UInt8](try Data(contentsOf: URL(filePath: file))))
        }
        let levels = format == .aircraft ? AircraftLevel.allCases : [.variant]
        return FuzzSubject(
            seeds: whole, tokens: words, path: path, repair: compressing,
            read: { input, place in
                let (file, dataset) = files[place]
                try Data(input).write(to: URL(filePath: file))
                defer { try? Data(whole[place]).write(to: URL(filePath: file)) }
                for level in levels {
                    _ = try format.read(
                        folder: dataset,
                        options: DatasetOptions(level: level, requiringBoxes: true, checkingImages: false))
                }
            })
    }
}
