import Foundation
import Reporting
import TestSupport
import Testing
import Training

@Suite struct ConfusionFolderTests {
    private func matrix() -> ConfusionMatrix {
        var matrix = ConfusionMatrix(classes: 3)
        for (label, predicted) in [(0, 0), (0, 0), (0, 2), (1, 1)] { matrix.add(label: label, predicted: predicted) }
        return matrix
    }

    @Test func filesHoldTheMatrix() throws {
        let folder = try TemporaryFolder()
        let path = folder("a/details")
        try ConfusionFolder(path: path).write(matrix(), classNames: ["wren", "tit, blue", "owl"])
        func text(_ name: String) throws -> String {
            try String(contentsOfFile: "\(path)/\(name)", encoding: .utf8)
        }
        #expect(
            try text("classes.csv")
                == "class,images,correct,accuracy\nwren,3,2,0.666667\n\"tit, blue\",1,1,1.000000\nowl,0,0,\n")
        #expect(
            try text("confusion.csv")
                == "label,wren,\"tit, blue\",owl\nwren,2,0,1\n\"tit, blue\",0,1,0\nowl,0,0,0\n")
        #expect(try text("pairs.csv") == "label,predicted,images,share\nwren,owl,1,0.333333\n")
    }

    /// A PNG begins with a signature and the header chunk: width, height, 8 bits, RGB.
    @Test func thePictureIsAPNGOfACellAClass() throws {
        let folder = try TemporaryFolder()
        try ConfusionFolder(path: folder("details")).write(matrix(), classNames: ["a", "b", "c"])
        let bytes = Array(try Data(contentsOf: URL(filePath: folder("details/confusion.png"))))
        let side: [UInt8] = [0, 0, 0, 3 * 24 + 1]
        #expect(Array(bytes.prefix(8)) == [0x89, 0x50, 0x4E, 0x47, 0x0D, 0x0A, 0x1A, 0x0A])
        let header: [UInt8] = [0, 0, 0, 13] + Array("IHDR".utf8) + side + side + [8, 2, 0, 0, 0]
        #expect(Array(bytes[8..<29]) == header)
        #expect(Array(bytes.suffix(8).prefix(4)) == Array("IEND".utf8))
    }

    @Test func linesNameTheWorstPairs() {
        #expect(
            ConfusionFolder.lines(matrix(), classNames: ["wren", "tit", "owl"])
                == ["mean accuracy of the classes: 83.33 %", "wren taken for owl: 1 of 3"])
    }

    @Test func aFolderThatCannotBeMadeIsNamed() throws {
        let folder = try TemporaryFolder()
        let file = folder("file")
        try Data().write(to: URL(filePath: file))
        do {
            _ = try ConfusionFolder(path: "\(file)/details")
            Issue.record("no error")
        } catch {
            #expect("\(error)".contains("\(file)/details"), "\(error)")
        }
    }
}
