import Datasets
import Foundation
import Testing

@Suite struct SyntheticDatasetTests {
    private let synthetic = SyntheticDataset(
        classes: 4, trainImagesPerClass: 3, testImagesPerClass: 2, imageSize: 80, seed: 5)

    private func files(in folder: String) throws -> [String: Data] {
        let names = try FileManager.default.subpathsOfDirectory(atPath: folder)
        var contents: [String: Data] = [:]
        for name in names {
            var isFolder: ObjCBool = false
            _ = FileManager.default.fileExists(atPath: "\(folder)/\(name)", isDirectory: &isFolder)
            if !isFolder.boolValue { contents[name] = try Data(contentsOf: URL(filePath: "\(folder)/\(name)")) }
        }
        return contents
    }

    @Test func writtenDatasetIsReadAsCUB() throws {
        let folder = try TemporaryFolder()
        var last = (0, 0)
        try synthetic.write(to: "\(folder.path)/new") { last = ($0, $1) }
        #expect(last == (20, 20))
        let dataset = try CUBDataset.read(
            folder: "\(folder.path)/new", options: DatasetOptions(requiringBoxes: true))
        #expect(dataset.train.count == 12 && dataset.test.count == 8)
        #expect(dataset.classNames.count == 4 && Set(dataset.classNames).count == 4)
        #expect(dataset.classNames.allSatisfy { $0.hasPrefix("00") })
        #expect(dataset.train.map(\.label) == [0, 0, 0, 1, 1, 1, 2, 2, 2, 3, 3, 3])
        let decoder = try JPEGDecoder()
        for sample in dataset.train + dataset.test {
            let size = try decoder.decode(contentsOf: sample.path).size
            #expect((60...100).contains(size.width) && (60...100).contains(size.height))
            let box = try #require(sample.box)
            #expect(box.x >= 0 && box.y >= 0)
            #expect(box.x + box.width <= Double(size.width) && box.y + box.height <= Double(size.height))
        }
    }

    @Test func sameSeedWritesTheSameFiles() throws {
        let folder = try TemporaryFolder()
        let other = SyntheticDataset(
            classes: 4, trainImagesPerClass: 3, testImagesPerClass: 2, imageSize: 80, seed: 6)
        try synthetic.write(to: "\(folder.path)/a")
        try synthetic.write(to: "\(folder.path)/b")
        try other.write(to: "\(folder.path)/c")
        let first = try files(in: "\(folder.path)/a")
        #expect(first.count == 25)
        #expect(try first == files(in: "\(folder.path)/b"))
        #expect(try first != files(in: "\(folder.path)/c"))
    }

    @Test func nonEmptyFolderIsLeftAlone() throws {
        let folder = try TemporaryFolder()
        try folder.write("mine", to: "thesis.txt")
        #expect(
            errorDescription { try synthetic.write(to: folder.path) }
                == "\(folder.path): the folder is not empty, so nothing was written; give a new or an empty folder")
        #expect(try files(in: folder.path).keys.sorted() == ["thesis.txt"])
    }

    @Test func unwritableFolderIsNamed() {
        let message = errorDescription { try synthetic.write(to: "/proc/nowhere/birds") }
        #expect(message.hasPrefix("/proc/nowhere/birds: cannot write: "), "\(message)")
    }
}
