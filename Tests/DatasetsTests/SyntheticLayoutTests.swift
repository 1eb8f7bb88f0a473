import Datasets
import Foundation
import Testing

/// What is written in the layout of a real data set is read by that one's reader.
@Suite struct SyntheticLayoutTests {
    private let synthetic = SyntheticDataset(
        classes: 4, trainImagesPerClass: 3, testImagesPerClass: 2, imageSize: 64, seed: 5)

    @Test(arguments: DatasetFormat.allCases.filter(\.isSynthesized))
    func everyLayoutIsReadBack(layout: DatasetFormat) throws {
        let folder = try TemporaryFolder()
        try synthetic.write(to: "\(folder.path)/new", layout: layout)
        let hasBoxes = layout != .folder
        let dataset = try layout.read(
            folder: "\(folder.path)/new", options: DatasetOptions(requiringBoxes: hasBoxes)
        ).validating(on: .auto)
        #expect(dataset.train.count == 12 && dataset.test.count == 8)
        #expect(dataset.classNames.count == 4 && Set(dataset.classNames).count == 4)
        #expect(Dictionary(grouping: dataset.train, by: \.label).mapValues(\.count) == [0: 3, 1: 3, 2: 3, 3: 3])
        #expect(Dictionary(grouping: dataset.test, by: \.label).mapValues(\.count) == [0: 2, 1: 2, 2: 2, 3: 2])

        // The same pictures and boxes as in CUB's layout; a folder's classes come in the order of their names.
        guard layout != .folder else { return }
        try synthetic.write(to: "\(folder.path)/cub")
        let cub = try CUBDataset.read(folder: "\(folder.path)/cub")
        let reader = try ImageReader()
        // CUB's classes have a number before the species, Stanford Dogs' a synset.
        func species(_ sample: ImageSample, of dataset: ImageDataset) -> String {
            let name = dataset.classNames[sample.label].replacing(" ", with: "_")
            return name.split { $0 == "." || $0 == "-" }.last.map(String.init) ?? ""
        }
        for (split, expected) in [(dataset.train, cub.train), (dataset.test, cub.test)] {
            for (sample, other) in zip(split, expected) {
                #expect(species(sample, of: dataset) == species(other, of: cub))
                #expect(try reader.size(of: sample) == reader.size(of: other))
                #expect(!hasBoxes || sample.box == other.box)
            }
        }
    }

    @Test func aircraftLevelsNestAndHalvesMakeTheWhole() throws {
        let folder = try TemporaryFolder()
        try SyntheticDataset(classes: 60, trainImagesPerClass: 3, testImagesPerClass: 1, imageSize: 32)
            .write(to: "\(folder.path)/a", layout: .aircraft)
        let levels = try AircraftLevel.allCases.map { level in
            try DatasetFormat.aircraft.read(folder: "\(folder.path)/a", options: DatasetOptions(level: level))
        }
        #expect(Set(levels[0].classNames).count == 60)
        #expect(levels[1].classNames.count <= 9 && levels[2].classNames.count == 3)
        for (fine, coarse) in zip(levels[0].train, levels[2].train) {
            #expect(levels[0].classNames[fine.label].hasSuffix(levels[2].classNames[coarse.label]))
        }
        let splits = levels[0].splits
        let halves = ((splits[.train] ?? []) + (splits[.val] ?? [])).map(\.officialID).sorted()
        #expect(splits[.trainval]?.map(\.officialID).sorted() == halves && halves.count == 180)
    }

    @Test(arguments: DatasetFormat.allCases.filter(\.isSynthesized))
    func sameSeedWritesTheSameFiles(layout: DatasetFormat) throws {
        let folder = try TemporaryFolder()
        func contents(_ name: String) throws -> [String: Data] {
            try synthetic.write(to: "\(folder.path)/\(name)", layout: layout)
            let paths = try FileManager.default.subpathsOfDirectory(atPath: "\(folder.path)/\(name)")
            var contents: [String: Data] = [:]
            for path in paths {
                contents[path] = try? Data(contentsOf: URL(filePath: "\(folder.path)/\(name)/\(path)"))
            }
            return contents
        }
        let first = try contents("a")
        #expect(first.count >= 20)
        #expect(try first == contents("b"))
    }

    @Test(arguments: [DatasetFormat.aircraft, .cars, .dogs, .cub]) func testImagesMayBeNone(layout: DatasetFormat)
        throws
    {
        let folder = try TemporaryFolder()
        try SyntheticDataset(classes: 2, trainImagesPerClass: 1, testImagesPerClass: 0, imageSize: 32)
            .write(to: "\(folder.path)/a", layout: layout)
        let dataset = try layout.read(folder: "\(folder.path)/a")
        #expect(dataset.train.count == 2 && dataset.test.isEmpty)
    }
}
