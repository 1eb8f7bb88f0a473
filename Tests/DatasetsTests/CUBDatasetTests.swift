import Datasets
import Foundation
import Testing

/// A CUB folder of three images in classes 3 and 7, to be damaged by the tests.
private struct SmallCUB {
    let folder: TemporaryFolder
    var path: String { folder.path }

    init() throws {
        folder = try TemporaryFolder()
        try folder.write("10 003.Crow/a.jpg\n12 007.Dove/b c.jpg\r\n15 003.Crow/d.jpg\n\n", to: "images.txt")
        try folder.write("10 3\n12 7\n15 3\n", to: "image_class_labels.txt")
        try folder.write("10 1\n12 0\n15 0\n", to: "train_test_split.txt")
        try folder.write("3 003.Crow\n7 007.Dove\n", to: "classes.txt")
        try folder.write("10 60.0 27.0 325.0 304.0\n12 1 2 3 4\n15 0.5 0 9 9\n", to: "bounding_boxes.txt")
        for name in ["003.Crow/a.jpg", "007.Dove/b c.jpg", "003.Crow/d.jpg"] {
            try folder.write("", to: "images/\(name)")
        }
    }

    func errorOnReading(_ file: String, _ content: String, requiringBoxes: Bool = false) throws -> String {
        try folder.write(content, to: file)
        return errorDescription {
            _ = try CUBDataset.read(folder: path, options: DatasetOptions(requiringBoxes: requiringBoxes))
        }
    }
}

private let contents =
    "images.txt, image_class_labels.txt, train_test_split.txt, classes.txt and images/ (CUB_200_2011 in the archive)"

@Suite struct CUBDatasetTests {
    @Test func labelsAreRanksOfClassIDs() throws {
        let cub = try SmallCUB()
        let dataset = try CUBDataset.read(folder: cub.path + "/")
        #expect(dataset.name == "CUB-200-2011")
        #expect(dataset.classNames == ["003.Crow", "007.Dove"])
        #expect(
            dataset.train == [
                ImageSample(
                    path: "\(cub.path)/images/003.Crow/a.jpg", relativePath: "003.Crow/a.jpg", label: 0,
                    box: BoundingBox(x: 60, y: 27, width: 325, height: 304), officialID: 10)
            ])
        #expect(dataset.test.map(\.label) == [1, 0])
        #expect(dataset.test.map(\.relativePath) == ["007.Dove/b c.jpg", "003.Crow/d.jpg"])
        #expect(dataset.test.map(\.officialID) == [12, 15])
    }

    @Test func boxesAreOptionalUnlessRequired() throws {
        let cub = try SmallCUB()
        try FileManager.default.removeItem(atPath: "\(cub.path)/bounding_boxes.txt")
        #expect(try CUBDataset.read(folder: cub.path).train[0].box == nil)
        #expect(
            errorDescription {
                _ = try CUBDataset.read(folder: cub.path, options: DatasetOptions(requiringBoxes: true))
            }
                == "\(cub.path)/bounding_boxes.txt: not found; the data set's folder holds \(contents); unpack the"
                + " archive again")
        #expect(
            try cub.errorOnReading("bounding_boxes.txt", "10 1 2 3 4\n15 1 2 3 4\n", requiringBoxes: true)
                == "\(cub.path)/images.txt:2: image 12 (007.Dove/b c.jpg) has no row in"
                + " \(cub.path)/bounding_boxes.txt; add the row or remove the image")
        #expect(try CUBDataset.read(folder: cub.path).test[0].box == nil)
    }

    @Test func rowsOfOtherImagesAreIgnored() throws {
        let cub = try SmallCUB()
        try cub.folder.write("12 007.Dove/b c.jpg\n", to: "images.txt")
        let dataset = try CUBDataset.read(folder: cub.path)
        #expect(dataset.train.isEmpty && dataset.test.map(\.officialID) == [12])
    }

    @Test func missingFolderSaysWhatItShouldHold() {
        #expect(
            errorDescription { _ = try CUBDataset.read(folder: "/nowhere/CUB") }
                == "/nowhere/CUB: no such folder; give the folder that holds \(contents)")
    }

    @Test func wrongLevelIsPointedOut() throws {
        let outer = try TemporaryFolder()
        let cub = try SmallCUB()
        try FileManager.default.moveItem(atPath: cub.path, toPath: "\(outer.path)/CUB_200_2011")
        for given in [outer.path, "\(outer.path)/CUB_200_2011/images"] {
            #expect(
                errorDescription { _ = try CUBDataset.read(folder: given) }
                    == "\(given)/images.txt: not found; the data set's folder holds \(contents); did you mean"
                    + " \(outer.path)/CUB_200_2011?")
        }
    }

    @Test(arguments: ["images.txt", "image_class_labels.txt", "train_test_split.txt", "classes.txt", "images"])
    func missingFilesAreNamed(name: String) throws {
        let cub = try SmallCUB()
        try FileManager.default.removeItem(atPath: "\(cub.path)/\(name)")
        #expect(
            errorDescription { _ = try CUBDataset.read(folder: cub.path) }
                == "\(cub.path)/\(name): not found; the data set's folder holds \(contents); unpack the archive again")
    }

    @Test func malformedRowsAreQuotedWithTheirLine() throws {
        let images = try SmallCUB()
        #expect(
            try images.errorOnReading("images.txt", "10 003.Crow/a.jpg\nx 003.Crow/d.jpg\n")
                == "\(images.path)/images.txt:2: cannot read “x 003.Crow/d.jpg”; expected an image id and a path")
        #expect(
            try images.errorOnReading("images.txt", "10 003.Crow/a.jpg\n\n12\n")
                == "\(images.path)/images.txt:3: cannot read “12”; expected an image id and a path")
        let splits = try SmallCUB()
        #expect(
            try splits.errorOnReading("train_test_split.txt", "10 1\n12 2\n15 0\n")
                == "\(splits.path)/train_test_split.txt:2: cannot read “12 2”; expected an image id and 1 (training)"
                + " or 0 (test)")
        let boxes = try SmallCUB()
        #expect(
            try boxes.errorOnReading("bounding_boxes.txt", "10 1 2 3\n")
                == "\(boxes.path)/bounding_boxes.txt:1: cannot read “10 1 2 3”; expected an image id, x, y, width and"
                + " height, with width and height above 0")
        #expect(try boxes.errorOnReading("bounding_boxes.txt", "10 1 2 nan 4\n").contains("“10 1 2 nan 4”"))
        #expect(try boxes.errorOnReading("bounding_boxes.txt", "10 1 2 0 4\n").contains("“10 1 2 0 4”"))
    }

    @Test func duplicateIDsNameBothLines() throws {
        let cub = try SmallCUB()
        #expect(
            try cub.errorOnReading("image_class_labels.txt", "10 3\n12 7\n10 3\n")
                == "\(cub.path)/image_class_labels.txt:3: id 10 is already used in line 1; each id may occur once")
    }

    @Test func imagesWithoutLabelOrSplitAreNamed() throws {
        let labels = try SmallCUB()
        #expect(
            try labels.errorOnReading("image_class_labels.txt", "10 3\n12 7\n")
                == "\(labels.path)/images.txt:3: image 15 (003.Crow/d.jpg) has no row in"
                + " \(labels.path)/image_class_labels.txt; add the row or remove the image")
        let splits = try SmallCUB()
        #expect(
            try splits.errorOnReading("train_test_split.txt", "12 0\n15 0\n")
                == "\(splits.path)/images.txt:1: image 10 (003.Crow/a.jpg) has no row in"
                + " \(splits.path)/train_test_split.txt; add the row or remove the image")
    }

    @Test func unknownClassesNameTheAllowedOnes() throws {
        let cub = try SmallCUB()
        #expect(
            try cub.errorOnReading("image_class_labels.txt", "10 3\n12 8\n15 9\n")
                == "\(cub.path)/image_class_labels.txt:2: class 8 is not in \(cub.path)/classes.txt, which has 2"
                + " classes between 3 and 7; correct the row or the list")
        try cub.folder.write("7 A\n8 B\n", to: "classes.txt")
        #expect(
            errorDescription { _ = try CUBDataset.read(folder: cub.path) }
                == "\(cub.path)/image_class_labels.txt:1: class 3 is not in \(cub.path)/classes.txt, which has 7…8;"
                + " correct the row or the list")
    }

    @Test func missingImagesAreFoundWhenTheDatasetIsRead() throws {
        let cub = try SmallCUB()
        try FileManager.default.removeItem(atPath: "\(cub.path)/images/007.Dove/b c.jpg")
        #expect(
            errorDescription { _ = try CUBDataset.read(folder: cub.path) }
                == "\(cub.path)/images.txt:2: 007.Dove/b c.jpg is not in the images folder (looked for"
                + " \(cub.path)/images/007.Dove/b c.jpg); unpack the archive again or remove the row")
        #expect(try CUBDataset.read(folder: cub.path, options: DatasetOptions(checkingImages: false)).test.count == 2)
    }

    @Test func emptyFilesAreErrors() throws {
        let cub = try SmallCUB()
        #expect(
            try cub.errorOnReading("images.txt", "\n")
                == "\(cub.path)/images.txt: the file has no rows; unpack the archive again")
    }

    @Test(.enabled(if: FileManager.default.fileExists(atPath: cub20), "needs ../shared/data/cub20"))
    func twentyRealClassesHaveTheOfficialSplit() throws {
        let dataset = try CUBDataset.read(folder: cub20, options: DatasetOptions(requiringBoxes: true))
        #expect(dataset.train.count == 600 && dataset.test.count == 515 && dataset.classNames.count == 20)
        #expect(dataset.classNames[0] == "001.Black_footed_Albatross")
        #expect(dataset.test[0].officialID == 1)
        #expect(dataset.test[0].box == BoundingBox(x: 60, y: 27, width: 325, height: 304))
        #expect(Set(dataset.train.map(\.label)) == Set(0..<20))
    }

    @Test(.enabled(if: FileManager.default.fileExists(atPath: cubAnnotations), "needs ../shared/data/cub-annotations"))
    func allRealAnnotationsAreRead() throws {
        let dataset = try DatasetFormat.cub.read(
            folder: cubAnnotations, options: DatasetOptions(requiringBoxes: true, checkingImages: false))
        #expect(dataset.warnings == [])
        #expect(dataset.train.count == 5994 && dataset.test.count == 5794 && dataset.classNames.count == 200)
    }
}
