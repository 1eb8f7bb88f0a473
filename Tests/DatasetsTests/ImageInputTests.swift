import Datasets
import Foundation
import Testing

@Suite struct ImageInputTests {
    private let folder: TemporaryFolder

    init() throws { folder = try TemporaryFolder() }

    private func names(_ paths: String...) -> [String] {
        ImageInput.inputs(paths.map { "\(folder.path)/\($0)" }).map { String($0.path.dropFirst(folder.path.count + 1)) }
    }

    @Test func foldersGiveTheirImagesSortedAndFilesComeAsNamed() throws {
        for name in ["b.jpg", "a/z.PNG", "a/deep/y.jpeg", "notes.txt", ".hidden.jpg", "c.jpg", ".git/x.jpg"] {
            try folder.write("text".utf8, to: name)
        }
        try folder.write([0xFF, 0xD8, 0xFF, 0xE0], to: "a/photograph")
        try folder.write([], to: "a/empty")
        #expect(names("") == ["a/deep/y.jpeg", "a/photograph", "a/z.PNG", "b.jpg", "c.jpg"])
        #expect(
            names("c.jpg", "a", "notes.txt", "missing.jpg", "c.jpg") == [
                "c.jpg", "a/deep/y.jpeg", "a/photograph", "a/z.PNG", "notes.txt", "missing.jpg", "c.jpg",
            ])
        #expect(ImageInput.inputs(["\(folder.path)/a/"]).first?.path == "\(folder.path)/a/deep/y.jpeg")
    }

    @Test func linksToAFolderAboveEnd() throws {
        try folder.write([], to: "a/b.jpg")
        try FileManager.default.createSymbolicLink(
            atPath: "\(folder.path)/a/up", withDestinationPath: folder.path)
        #expect(names("") == ["a/b.jpg"])
    }

    @Test func foldersWithoutImagesAreProblems() throws {
        try folder.write([], to: "a/notes.txt")
        try folder.write([], to: "b.jpg")
        let (empty, file) = ("\(folder.path)/a", "\(folder.path)/b.jpg")
        #expect(
            ImageInput.inputs([empty, file]) == [
                ImageInput(path: empty, problem: "\(empty): no images in this folder"), ImageInput(path: file),
            ])
    }
}
