import Datasets
import Foundation
import Testing

@Suite struct DatasetInspectionTests {
    private func inspect(_ folder: TemporaryFolder) throws -> DatasetInspection {
        try DatasetInspection(
            DatasetFormat.folder.read(folder: folder.path, options: DatasetOptions(checkingImages: false)), threads: 2)
    }

    @Test func everyFileIsAccountedFor() throws {
        let folder = try TemporaryFolder()
        try folder.write(try bytes("color-420.jpg"), to: "train/a/1.jpg")  // 45×31
        try folder.write(try bytes("grey.jpg"), to: "train/a/2.jpg")
        try folder.write(try bytes("png-rgb.png"), to: "train/a/3.jpg")  // 19×13
        try folder.write(try bytes("color-420.jpg"), to: "train/b/1.jpg")
        let cut = try folder.write(try bytes("progressive.jpg").dropLast(100), to: "train/b/cut.jpg")
        let text = try folder.write("not an image", to: "train/b/text.png")
        try folder.write(try bytes("grey.jpg"), to: "train/a/4.jpg")
        try FileManager.default.createSymbolicLink(
            atPath: "\(folder.path)/train/b/gone.jpg", withDestinationPath: "nowhere")
        try folder.write(try bytes("rgb.jpg"), to: "test/a/1.jpg")
        let found = try inspect(folder)
        func path(_ name: String) -> String { "\(folder.path)/\(name)" }

        #expect(found.classes == ["a", "b"] && found.images == 9 && !found.isSound)
        #expect(found.splits.map(\.name) == [.train, .test] && found.splits.map(\.images) == [8, 1])
        #expect(found.splits[0].fewestOfAClass == 4 && found.splits[0].mostOfAClass == 4)
        #expect(found.splits[1].fewestOfAClass == 0 && found.splits[1].mostOfAClass == 1)
        #expect(found.formats == ["JPEG": 5, "PNG": 1])
        #expect(found.widths?.minimum == 19 && found.widths?.maximum == 45)
        #expect(found.heights?.minimum == 13)
        #expect(found.missing == [path("train/b/gone.jpg")])
        #expect(found.unreadable.map(\.path) == [cut, text])
        #expect(found.unreadable[1].reason.hasPrefix("\(text): neither JPEG nor PNG: it looks like text"))
        #expect(
            found.duplicates == [
                [path("train/a/1.jpg"), path("train/b/1.jpg")], [path("train/a/2.jpg"), path("train/a/4.jpg")],
            ])
        #expect(found.conflictingDuplicates == [[path("train/a/1.jpg"), path("train/b/1.jpg")]])
        #expect(found.lyingNames == [path("train/a/3.jpg")])
    }

    @Test func duplicatesOverSplitsAreConflicts() throws {
        let folder = try TemporaryFolder()
        for name in ["train/a/1.jpg", "test/a/2.jpg"] { try folder.write(try bytes("grey.jpg"), to: name) }
        let found = try inspect(folder)
        #expect(found.isSound && found.duplicates.count == 1 && found.conflictingDuplicates == found.duplicates)
    }

    @Test func mediansAreOfAllImages() throws {
        let folder = try TemporaryFolder()
        try SyntheticDataset(classes: 1, trainImagesPerClass: 5, testImagesPerClass: 2, imageSize: 64).write(
            to: "\(folder.path)/a", layout: .aircraft)
        let dataset = try DatasetFormat.aircraft.read(folder: "\(folder.path)/a")
        let found = try DatasetInspection(dataset, threads: 3)
        let reader = try ImageReader()
        let widths = try (dataset.train + dataset.test).map { try reader.size(of: $0).width }.sorted()
        #expect(found.images == 7, "train and val are in trainval")
        #expect(
            found.widths.map { [$0.minimum, $0.median, $0.maximum] } == [widths[0], widths[3], widths[6]])
        #expect(found.boxesOutside == [] && found.isSound && found.splits.map(\.images) == [3, 2, 5, 2])
    }

    @Test func boxesBeyondTheirImagesAreListed() throws {
        let folder = try TemporaryFolder()
        let path = try folder.write(try bytes("png-rgb.png"), to: "1.png")  // 19×13
        func inspected(_ box: BoundingBox) throws -> [String] {
            let sample = ImageSample(path: path, relativePath: "1.png", label: 0, box: box, officialID: 1)
            return try DatasetInspection(
                ImageDataset(name: "x", classNames: ["a"], train: [sample], test: []), threads: 1
            ).boxesOutside
        }
        #expect(try inspected(BoundingBox(x: 0, y: 0, width: 19.5, height: 13)) == [])
        #expect(try inspected(BoundingBox(x: 2, y: 0, width: 19, height: 13)) == [path])
        #expect(try inspected(BoundingBox(x: 0, y: -1, width: 9, height: 3)) == [path])
    }
}
