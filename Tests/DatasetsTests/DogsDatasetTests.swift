import Datasets
import Foundation
import Testing

/// Three photographs of two breeds, to be damaged by the tests.
private struct SmallDogs {
    let folder: TemporaryFolder
    var path: String { folder.path }

    init(lists: String = "") throws {
        folder = try TemporaryFolder()
        for name in ["n1-Pug/n1_1", "n1-Pug/n1_2", "n2-Chow/n2_1"] {
            try folder.write("", to: "Images/\(name).jpg")
            try folder.write(Self.object(10, 20, 110, 220), to: "Annotation/\(name)")
        }
        try folder.write("", to: "\(lists)x")
        try write(["n1-Pug/n1_2.jpg", "n2-Chow/n2_1.jpg"], [1, 2], to: "\(lists)train")
        try write(["n1-Pug/n1_1.jpg"], [1], to: "\(lists)test")
    }

    static func object(_ xmin: Any, _ ymin: Any, _ xmax: Any, _ ymax: Any) -> String {
        "<object>\n<name>dog</name><bndbox>\n<xmin>\(xmin)</xmin>\n<ymin> \(ymin) </ymin><xmax>\(xmax)</xmax>\n"
            + "<ymax>\(ymax)</ymax>\n</bndbox></object>\n"
    }

    func write(_ files: [String], _ labels: [Double], to list: String) throws {
        try MATWriter.write(
            [("file_list", .cells(files.map { .text($0) }, isColumn: true)), ("labels", .numbers(labels))],
            to: "\(path)/\(list)_list.mat")
    }

    func read(requiringBoxes: Bool = false) throws -> ImageDataset {
        try DatasetFormat.dogs.read(folder: path, options: DatasetOptions(requiringBoxes: requiringBoxes))
    }
}

@Suite struct DogsDatasetTests {
    @Test(arguments: ["", "lists/"]) func listsAreRead(lists: String) throws {
        let dogs = try SmallDogs(lists: lists)
        let dataset = try dogs.read(requiringBoxes: true)
        #expect(dataset.name == "Stanford Dogs" && dataset.classNames == ["n1-Pug", "n2-Chow"])
        #expect(
            dataset.train[0]
                == ImageSample(
                    path: "\(dogs.path)/Images/n1-Pug/n1_2.jpg", relativePath: "n1-Pug/n1_2.jpg", label: 0,
                    box: BoundingBox(x: 10, y: 20, width: 100, height: 200), officialID: 1))
        #expect(dataset.train.map(\.label) == [0, 1] && dataset.test.map(\.relativePath) == ["n1-Pug/n1_1.jpg"])
        #expect(try dogs.read().train[0].box == nil, "boxes are files of their own, read on request")
    }

    @Test func boxEnclosesAllDogsOfTheImage() throws {
        let dogs = try SmallDogs()
        let text = "<annotation>" + SmallDogs.object(10, 20, 50, 60) + SmallDogs.object(5, 30, 40, 90.5)
        try dogs.folder.write(text, to: "Annotation/n1-Pug/n1_1")
        #expect(
            try dogs.read(requiringBoxes: true).test[0].box == BoundingBox(x: 5, y: 20, width: 45, height: 70.5))
    }

    @Test func brokenAnnotationsAreNamed() throws {
        let dogs = try SmallDogs()
        let file = "\(dogs.path)/Annotation/n1-Pug/n1_1"
        for (text, expected) in [
            (
                "<annotation/>",
                "\(file): annotation is without a box; expected a bndbox in an object; fetch the file again"
            ),
            (
                "<bndbox><xmin>1</xmin></bndbox>",
                "\(file): bndbox 1 is “<xmin>1</xmin>”; expected numbers xmin < xmax and ymin < ymax; fetch the file"
                    + " again"
            ),
        ] {
            try dogs.folder.write(text, to: "Annotation/n1-Pug/n1_1")
            #expect(errorDescription { _ = try dogs.read(requiringBoxes: true) } == expected)
        }
        for broken in [
            SmallDogs.object(5, 1, 5, 9), SmallDogs.object("x", 1, 5, 9), SmallDogs.object("nan", 1, 5, 9),
            String(SmallDogs.object(1, 1, 5, 9).prefix(70)),
        ] {
            try dogs.folder.write(broken, to: "Annotation/n1-Pug/n1_1")
            let message = errorDescription { _ = try dogs.read(requiringBoxes: true) }
            #expect(message.hasPrefix("\(file): bndbox 1 is “"), "\(message)")
        }
        try FileManager.default.removeItem(atPath: file)
        #expect(
            errorDescription { _ = try dogs.read(requiringBoxes: true) }
                == "\(file): cannot read the file: No such file or directory")
    }

    @Test func listsThatContradictThemselvesAreNamed() throws {
        let dogs = try SmallDogs()
        let file = "\(dogs.path)/test_list.mat"
        try dogs.write(["n1-Pug/n1_1.jpg"], [2], to: "test")
        #expect(
            errorDescription { _ = try dogs.read() }
                == "\(file): file_list{1} is “n1-Pug/n1_1.jpg” of class 2; expected an image in n2-Chow, as others of its"
                + " class; fetch the file again")
        try dogs.write(["n1-Pug/n1_1.jpg"], [1, 1], to: "test")
        #expect(
            errorDescription { _ = try dogs.read() }
                == "\(file): labels is 2 numbers; expected 1 numbers; fetch the file again")
        try dogs.write(["n1_1.jpg"], [1], to: "test")
        #expect(
            errorDescription { _ = try dogs.read() }
                == "\(file): file_list{1} is “n1_1.jpg”; expected CLASS/IMAGE.jpg; fetch the file again")
        try dogs.write(["n1-Pug/none.jpg"], [1], to: "test")
        #expect(
            errorDescription { _ = try dogs.read() }
                == "\(file): file_list{1}: n1-Pug/none.jpg is not in the images folder (looked for"
                + " \(dogs.path)/Images/n1-Pug/none.jpg); unpack the archive again or remove the row")
    }
}
