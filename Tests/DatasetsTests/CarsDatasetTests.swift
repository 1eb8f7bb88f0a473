import Datasets
import Foundation
import Testing

private let boxFields = ["bbox_x1", "bbox_y1", "bbox_x2", "bbox_y2"]

/// A devkit of three photographs, to be damaged by the tests.
private struct SmallCars {
    let folder: TemporaryFolder
    var path: String { folder.path }

    init(withLabels: Bool = true) throws {
        folder = try TemporaryFolder()
        for name in ["cars_train/00001.jpg", "cars_train/00002.jpg", "cars_test/00001.jpg", "devkit/x"] {
            try folder.write("", to: name)
        }
        try write(.cells([.text("Audi A4"), .text("VW Golf")], isColumn: false), "class_names", to: "cars_meta")
        try write(Self.annotations([[3, 5, 12, 24, 1], [1, 1, 2, 2, 2]]), to: "cars_train_annos")
        try write(Self.annotations([[1, 1, 2, 2]], fields: boxFields), to: "cars_test_annos")
        if withLabels { try write(Self.annotations([[1, 1, 2, 2, 2]]), to: "cars_test_annos_withlabels") }
    }

    static func annotations(_ rows: [[Double]], fields: [String] = boxFields + ["class"]) -> MATArray {
        .structs(
            fields: fields + ["fname"],
            records: rows.enumerated().map { number, row in
                row.map { MATArray.numbers([$0]) } + [.text("0000\(number + 1).jpg")]
            })
    }

    func write(_ array: MATArray, _ variable: String = "annotations", to file: String) throws {
        try MATWriter.write([(variable, array)], to: "\(path)/devkit/\(file).mat")
    }

    func read(_ options: DatasetOptions = DatasetOptions()) throws -> ImageDataset {
        try DatasetFormat.cars.read(folder: path, options: options)
    }
}

@Suite struct CarsDatasetTests {
    @Test func devkitIsRead() throws {
        let cars = try SmallCars()
        let dataset = try cars.read()
        #expect(dataset.name == "Stanford Cars" && dataset.classNames == ["Audi A4", "VW Golf"])
        #expect(
            dataset.train[0]
                == ImageSample(
                    path: "\(cars.path)/cars_train/00001.jpg", relativePath: "cars_train/00001.jpg", label: 0,
                    box: BoundingBox(x: 2, y: 4, width: 10, height: 20), officialID: 1))
        #expect(dataset.train.map(\.label) == [0, 1])
        #expect(dataset.test.map(\.path) == ["\(cars.path)/cars_test/00001.jpg"])
        #expect(dataset.test.map(\.label) == [1])
        #expect(
            dataset.warnings == [
                "this is not the official Stanford Cars: 2 classes instead of 196, 2 train images instead of 8,144,"
                    + " 1 test images instead of 8,041"
            ])
    }

    @Test func labelsOfTestImagesMayStandBesideTheDevkit() throws {
        let cars = try SmallCars()
        let name = "cars_test_annos_withlabels.mat"
        try FileManager.default.moveItem(atPath: "\(cars.path)/devkit/\(name)", toPath: "\(cars.path)/\(name)")
        #expect(try cars.read().test.count == 1)
    }

    @Test func withoutLabelsTestImagesAreClassifiedButNotScored() throws {
        let cars = try SmallCars(withLabels: false)
        let dataset = try cars.read()
        #expect(dataset.train.count == 2)
        let image = try #require(try dataset.samplesToPredict(of: .test).first)
        #expect(image.path == "\(cars.path)/cars_test/00001.jpg" && !image.isLabelled && image.box != nil)
        #expect(try dataset.samplesToPredict(of: .train) == dataset.train)
        let message =
            "Stanford Cars: the 1 images of the test split have no labels, as there is no"
            + " \(cars.path)/devkit/cars_test_annos_withlabels.mat; add it, choose another split, or only predict"
            + " (aam evaluate --predictions)"
        #expect(errorDescription { _ = try dataset.samples(of: .test) } == message)
        #expect(errorDescription { _ = try dataset.validating(on: .auto) } == message)
    }

    @Test func singleFileLayoutIsRead() throws {
        let folder = try TemporaryFolder()
        for number in 1...3 { try folder.write("", to: "car_ims/00000\(number).jpg") }
        let records = [[0.0, 2], [1, 1], [0, 1]].enumerated().map { number, row in
            [MATArray.text("car_ims/00000\(number + 1).jpg"), .numbers([row[0]])]
                + [1, 2, 3, 4].map { .numbers([$0]) } + [.numbers([row[1]])]
        }
        let fields = ["relative_im_path", "test"] + boxFields + ["class"]
        try MATWriter.write(
            [
                ("annotations", .structs(fields: fields, records: records)),
                ("class_names", .cells([.text("Audi"), .text("VW")], isColumn: false)),
            ], to: "\(folder.path)/cars_annos.mat")
        let dataset = try DatasetFormat.cars.read(folder: folder.path)
        #expect(dataset.train.map(\.relativePath) == ["car_ims/000001.jpg", "car_ims/000003.jpg"])
        #expect(dataset.train.map(\.label) == [1, 0] && dataset.train.map(\.officialID) == [1, 3])
        #expect(dataset.test.map(\.label) == [0])
        #expect(dataset.test[0].box == BoundingBox(x: 0, y: 1, width: 3, height: 3))
    }

    @Test func wrongValuesAreNamedWithTheirPlace() throws {
        let cars = try SmallCars()
        let file = "\(cars.path)/devkit/cars_train_annos.mat"
        func message(_ array: MATArray) throws -> String {
            try cars.write(array, to: "cars_train_annos")
            return errorDescription { _ = try cars.read() }
        }
        #expect(
            try message(SmallCars.annotations([[1, 1, 2, 2, 1], [1, 1, 2, 2, 3]]))
                == "\(file): annotations(2).class is the number 3.0; expected a whole number from 1 to 2; fetch the file"
                + " again")
        #expect(
            try message(SmallCars.annotations([[1, 1, 2, 2, 1.5]])).contains(
                "is the number 1.5; expected a whole number"))
        #expect(
            try message(SmallCars.annotations([[9, 1, 2, 2, 1]]))
                == "\(file): annotations(1).bbox_x1 is part of the box [9.0, 1.0, 2.0, 2.0]; expected x1 ≤ x2 and"
                + " y1 ≤ y2; fetch the file again")
        #expect(
            try message(SmallCars.annotations([[1, 1, 2, 2]], fields: boxFields))
                == "\(file): annotations is a struct array of the fields bbox_x1, bbox_y1, bbox_x2, bbox_y2, fname;"
                + " expected a field class; fetch the file again")
        #expect(
            try message(.numbers([4]))
                == "\(file): annotations is the number 4.0; expected a struct array; fetch the file again")
    }

    @Test func missingImageIsNamedWithItsPlace() throws {
        let cars = try SmallCars()
        try FileManager.default.removeItem(atPath: "\(cars.path)/cars_train/00002.jpg")
        #expect(
            errorDescription { _ = try cars.read() }
                == "\(cars.path)/devkit/cars_train_annos.mat: annotations(2).fname: cars_train/00002.jpg is not in the"
                + " images folder (looked for \(cars.path)/cars_train/00002.jpg); unpack the archive again or remove the"
                + " row")
        #expect(try cars.read(DatasetOptions(checkingImages: false)).train.count == 2)
    }

    @Test func missingDevkitIsNamed() throws {
        let folder = try TemporaryFolder()
        #expect(
            errorDescription { _ = try DatasetFormat.cars.read(folder: folder.path) }
                == "\(folder.path)/devkit/cars_train_annos.mat: not found; the data set's folder holds cars_train/,"
                + " cars_test/ and devkit/, or car_ims/ and cars_annos.mat; unpack the archive again")
    }

    @Test(.enabled(if: isThere(carsDevkit), "needs ../shared/data/cars-devkit"))
    func officialDevkitHasTheOfficialCounts() throws {
        let folder = try TemporaryFolder()
        try FileManager.default.createSymbolicLink(
            atPath: "\(folder.path)/devkit", withDestinationPath: carsDevkit)
        let dataset = try DatasetFormat.cars.read(folder: folder.path, options: DatasetOptions(checkingImages: false))
        #expect(dataset.warnings == [])
        #expect(dataset.classNames.count == 196 && dataset.classNames[0] == "AM General Hummer SUV 2000")
        #expect(dataset.train.count == 8144 && Set(dataset.train.map(\.label)).count == 196)
        #expect(dataset.unlabelled[.test]?.count == 8041)
        let first = dataset.train[0]
        #expect(
            first.relativePath == "cars_train/00001.jpg" && dataset.classNames[first.label] == "Audi TTS Coupe 2012")
        #expect(first.box == BoundingBox(x: 38, y: 115, width: 531, height: 260))
    }

    @Test(.enabled(if: isThere(cars10), "needs ../shared/data/cars10")) func photographsAreRead() throws {
        let dataset = try DatasetFormat.cars.read(folder: cars10, options: DatasetOptions(requiringBoxes: true))
        #expect(dataset.train.count == 320 && dataset.test.count == 101 && dataset.classNames.count == 10)
        let inspection = try DatasetInspection(dataset, threads: 2)
        #expect(inspection.isSound && inspection.images == 421)
        #expect(inspection.boxesOutside == [], "each box covers its whole image")
    }
}
