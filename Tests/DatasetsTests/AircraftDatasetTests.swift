import Datasets
import Foundation
import Testing

/// A folder of three photographs, to be damaged by the tests.
private struct SmallAircraft {
    let folder: TemporaryFolder
    var path: String { folder.path }

    init() throws {
        folder = try TemporaryFolder()
        try folder.write("707-320\n737 MAX\n", to: "variants.txt")
        try folder.write("Boeing 707\nBoeing 737\n", to: "families.txt")
        try folder.write("Boeing\n", to: "manufacturers.txt")
        for (split, rows) in [
            ("train", [("0034309", 0)]), ("val", [("1000001", 1)]), ("trainval", [("0034309", 0), ("1000001", 1)]),
            ("test", [("0000007", 1)]),
        ] {
            for (level, names) in [
                ("variant", ["707-320", "737 MAX"]), ("family", ["Boeing 707", "Boeing 737"]),
                ("manufacturer", ["Boeing", "Boeing"]),
            ] {
                let text = rows.map { "\($0) \(names[$1])\n" }.joined()
                try folder.write(text, to: "images_\(level)_\(split).txt")
            }
        }
        try folder.write("0034309 3 5 12 24\n1000001 1 1 2 2\n0000007 1 1 1 1\n", to: "images_box.txt")
        for id in ["0034309", "1000001", "0000007"] { try folder.write("", to: "images/\(id).jpg") }
    }

    func read(_ options: DatasetOptions = DatasetOptions()) throws -> ImageDataset {
        try DatasetFormat.aircraft.read(folder: path, options: options)
    }
}

@Suite struct AircraftDatasetTests {
    @Test func splitsAndBoxesAreRead() throws {
        let aircraft = try SmallAircraft()
        let dataset = try aircraft.read()
        #expect(dataset.name == "FGVC-Aircraft")
        #expect(dataset.classNames == ["707-320", "737 MAX"])
        #expect(
            dataset.splits[.train] == [
                ImageSample(
                    path: "\(aircraft.path)/images/0034309.jpg", relativePath: "0034309.jpg", label: 0,
                    box: BoundingBox(x: 2, y: 4, width: 10, height: 20), officialID: 34309, creditRows: 20)
            ])
        #expect(dataset.splits[.val]?.map(\.label) == [1])
        #expect(dataset.splits[.trainval]?.map(\.officialID) == [34309, 1_000_001])
        #expect(dataset.splits[.test]?.map(\.relativePath) == ["0000007.jpg"])
    }

    @Test func runsTrainOnAllButTheImagesTheyValidateOn() throws {
        let dataset = try SmallAircraft().read()
        let official = try dataset.validating(on: .auto)
        #expect(official.trainingSplit == .trainval && official.train.count == 2)
        #expect(official.validationSplit == .test && official.test.map(\.officialID) == [7])
        let held = try dataset.validating(on: .val)
        #expect(held.train.map(\.officialID) == [34309] && held.test.map(\.officialID) == [1_000_001])
    }

    @Test func levelsGiveOtherClasses() throws {
        let aircraft = try SmallAircraft()
        let families = try aircraft.read(DatasetOptions(level: .family))
        #expect(families.classNames == ["Boeing 707", "Boeing 737"] && families.test.map(\.label) == [1])
        let manufacturers = try aircraft.read(DatasetOptions(level: .manufacturer))
        #expect(manufacturers.classNames == ["Boeing"] && manufacturers.test.map(\.label) == [0])
        let images =
            "1 train images instead of 3,334, 1 val images instead of 3,333, 2 trainval images instead of 6,667,"
            + " 1 test images instead of 3,333"
        for (dataset, classes) in [(families, "2 classes instead of 70"), (manufacturers, "1 classes instead of 30")] {
            #expect(dataset.warnings == ["this is not the official FGVC-Aircraft: \(classes), \(images)"])
        }
    }

    @Test func theHalvesOfTrainvalMayBeMissing() throws {
        let aircraft = try SmallAircraft()
        for split in ["train", "val"] {
            try FileManager.default.removeItem(atPath: "\(aircraft.path)/images_variant_\(split).txt")
        }
        let dataset = try aircraft.read()
        #expect(try dataset.validating(on: .auto).train.count == 2)
        #expect(
            errorDescription { _ = try dataset.validating(on: .val) }
                == "FGVC-Aircraft: the folder has no val split; it has trainval, test")
    }

    @Test func unknownClassIsNamed() throws {
        let aircraft = try SmallAircraft()
        try aircraft.folder.write("0000007 737-900\n", to: "images_variant_test.txt")
        #expect(
            errorDescription { _ = try aircraft.read() }
                == "\(aircraft.path)/images_variant_test.txt:1: cannot read “0000007 737-900”; expected an image id and"
                + " one of the 2 names in \(aircraft.path)/variants.txt")
    }

    @Test func missingImageAndMissingBoxAreNamed() throws {
        let aircraft = try SmallAircraft()
        try aircraft.folder.write("0034309 3 5 12 24\n", to: "images_box.txt")
        #expect(
            errorDescription { _ = try aircraft.read(DatasetOptions(requiringBoxes: true)) }
                == "\(aircraft.path)/images_variant_val.txt:1: image 1000001 (1000001.jpg) has no row in"
                + " \(aircraft.path)/images_box.txt; add the row or remove the image")
        try FileManager.default.removeItem(atPath: "\(aircraft.path)/images/0000007.jpg")
        #expect(
            errorDescription { _ = try aircraft.read() }
                == "\(aircraft.path)/images_variant_test.txt:1: 0000007.jpg is not in the images folder (looked for"
                + " \(aircraft.path)/images/0000007.jpg); unpack the archive again or remove the row")
    }

    @Test func brokenBoxIsNamed() throws {
        let aircraft = try SmallAircraft()
        for row in ["0034309 3 5 2 24", "0034309 3 5 12", "0034309 a b c d", "0034309 1 1 inf 3"] {
            try aircraft.folder.write("\(row)\n", to: "images_box.txt")
            let message = errorDescription { _ = try aircraft.read() }
            #expect(message.hasPrefix("\(aircraft.path)/images_box.txt:1: cannot read “"), "\(message)")
        }
    }

    @Test(.enabled(if: isThere(aircraftLists), "needs ../shared/data/aircraft-lists"))
    func officialListsHaveTheOfficialCounts() throws {
        let dataset = try DatasetFormat.aircraft.read(
            folder: aircraftLists, options: DatasetOptions(checkingImages: false))
        #expect(dataset.warnings == [])
        #expect(dataset.classNames.count == 100 && dataset.train.count == 6667 && dataset.test.count == 3333)
        #expect(Set(dataset.train.map(\.officialID)).isDisjoint(with: dataset.test.map(\.officialID)))
    }
}
