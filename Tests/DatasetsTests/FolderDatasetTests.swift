import Datasets
import Foundation
import Testing

@Suite struct FolderDatasetTests {
    private func folder(_ files: [String]) throws -> TemporaryFolder {
        let folder = try TemporaryFolder()
        for file in files { try folder.write("", to: file) }
        return folder
    }

    private func read(_ folder: TemporaryFolder, requiringBoxes: Bool = false) throws -> ImageDataset {
        try DatasetFormat.folder.read(folder: folder.path, options: DatasetOptions(requiringBoxes: requiringBoxes))
    }

    @Test(arguments: ["val", "valid", "validation"]) func validationFolderIsValidatedOn(name: String) throws {
        let folder = try folder([
            "train/b/2.JPG", "train/b/1.png", "train/a/1.jpeg", "train/a/notes.txt", "train/.hidden/1.jpg",
            "\(name)/b/3.jpg", "test/a/9.jpg",
        ])
        let dataset = try read(folder)
        #expect(dataset.classNames == ["a", "b"] && dataset.warnings == [])
        #expect(dataset.train.map(\.relativePath) == ["train/a/1.jpeg", "train/b/1.png", "train/b/2.JPG"])
        #expect(dataset.train.map(\.label) == [0, 1, 1] && dataset.train.map(\.officialID) == [1, 2, 3])
        #expect(dataset.validationSplit == .val && dataset.test.map(\.relativePath) == ["\(name)/b/3.jpg"])
        #expect(dataset.test.map(\.label) == [1])
        #expect(try dataset.samples(of: .test).map(\.path) == ["\(folder.path)/test/a/9.jpg"])
        #expect(try dataset.validating(on: .test).test.count == 1)
    }

    @Test func testFolderIsValidatedOnWhereThereIsNoOther() throws {
        let dataset = try read(folder(["train/a/1.jpg", "test/a/2.jpg"]))
        #expect(dataset.validationSplit == .test && dataset.test.count == 1)
        #expect(
            errorDescription { _ = try dataset.samples(of: .val) }
                == "\(dataset.name): the folder has no val split; it has train, test")
    }

    @Test func ofASingleTreeAFifthIsHeldOut() throws {
        let files = ["a", "b"].flatMap { name in (0..<12).map { "\(name)/\($0).jpg" } } + ["c/1.jpg", "c/2.jpg"]
        let folder = try folder(files)
        let dataset = try read(folder)
        #expect(dataset.classNames == ["a", "b", "c"])
        #expect(dataset.test.map(\.label) == [0, 0, 1, 1], "two of twelve, none of two")
        #expect((dataset.train + dataset.test).map(\.relativePath).sorted() == files.sorted())
        #expect(
            dataset.warnings == [
                "\(dataset.name) has no train/ beside val/ or test/: a fifth of each class, drawn by the images' names,"
                    + " is kept as test images"
            ])
        let elsewhere = try self.folder(files)
        #expect(try read(elsewhere).test.map(\.relativePath) == dataset.test.map(\.relativePath))
    }

    @Test func wrongFoldersAreNamed() throws {
        let empty = try folder(["x.jpg"])
        #expect(
            errorDescription { _ = try read(empty) }
                == "\(empty.path): no images found; expected a sub-folder for each class")
        let nested = try folder(["a/1.jpg", "b/more/1.jpg"])
        #expect(
            errorDescription { _ = try read(nested) }
                == "\(nested.path)/b: no images found; expected images of the class, directly in its folder")
        let other = try folder(["train/a/1.jpg", "val/A/1.jpg"])
        #expect(
            errorDescription { _ = try read(other) }
                == "\(other.path)/val/A: there is no class of this name in \(other.path)/train; the classes are those of"
                + " the training images")
        #expect(
            errorDescription { _ = try read(folder(["a/1.jpg"]), requiringBoxes: true) }
                .hasSuffix(": this layout has no bounding boxes; train and evaluate without --crop-boxes"))
        #expect(
            errorDescription { _ = try DatasetFormat.folder.read(folder: "/nowhere/x") }
                == "/nowhere/x: no such folder; give the folder that holds train/ and val/ or test/ with a sub-folder for"
                + " each class, or those sub-folders alone")
    }
}
