import Datasets
import Foundation
import Reporting
import TestSupport
import Testing
import Training

struct PredictionsFileTests {
    private let folder: TemporaryFolder
    private let path: String

    init() throws {
        folder = try TemporaryFolder()
        path = folder("predictions.csv")
    }

    private let classes = ["albatross", "auklet, crested", "say \"bobolink\"", "two\nlines", "plain", "sixth"]

    @Test func rowsAreQuotedWhereTheyMustBe() throws {
        let prediction = Prediction(
            index: 1, ranking: [2, 1, 3, 0, 4], probabilities: [0.5, 0.25, 0.125, 0.0625, 0.0000004])
        try PredictionsFile(path: path).write([prediction], classNames: classes) { index in
            image("images/\(index), a.jpg", label: 0)
        }
        #expect(
            try text(of: path) == """
                path,label,predicted,top1,probability1,top2,probability2,top3,probability3,top4,probability4,top5,probability5
                "images/1, a.jpg",albatross,"say ""bobolink""\","say ""bobolink""\",0.500000,"auklet, crested",0.250000,\
                "two
                lines",0.125000,albatross,0.062500,plain,0.000000

                """)
    }

    private func image(_ name: String, label: Int) -> ImageSample {
        ImageSample(path: "/data/\(name)", relativePath: name, label: label, officialID: 1)
    }

    @Test func labelsThatAreNotKnownAreEmpty() throws {
        try PredictionsFile(path: path).write(
            [Prediction(index: 0, ranking: [1, 0], probabilities: [0.75, 0.25])], classNames: ["a", "b"]
        ) { _ in image("x.jpg", label: ImageSample.unknownLabel) }
        #expect(try text(of: path).hasSuffix("\nx.jpg,,b,b,0.750000,a,0.250000\n"))
    }

    @Test func fewerClassesThanFiveGiveFewerColumns() throws {
        let prediction = Prediction(index: 0, ranking: [1, 0], probabilities: [0.75, 0.25])
        try PredictionsFile(path: path).write([prediction], classNames: ["a", "b"]) { _ in image("x.jpg", label: 0) }
        #expect(
            try text(of: path) == """
                path,label,predicted,top1,probability1,top2,probability2
                x.jpg,a,b,b,0.750000,a,0.250000

                """)
    }

    @Test func checkingLeavesNoFileAndHarmsNone() throws {
        _ = try PredictionsFile(path: path)
        #expect(try names(in: folder.path) == [])
        try "earlier\n".write(toFile: path, atomically: false, encoding: .utf8)
        _ = try PredictionsFile(path: path)
        #expect(try text(of: path) == "earlier\n")
    }

    @Test func anEarlierFileIsReplaced() throws {
        try "earlier\n".write(toFile: path, atomically: false, encoding: .utf8)
        try PredictionsFile(path: path).write([], classNames: ["a", "b"]) { _ in image("", label: 0) }
        #expect(try text(of: path) == "path,label,predicted,top1,probability1,top2,probability2\n")
        #expect(try names(in: folder.path) == ["predictions.csv"])
    }

    @Test func devicesAreWrittenToAndNotReplaced() throws {
        let link = folder("device")
        try FileManager.default.createSymbolicLink(atPath: link, withDestinationPath: "/dev/null")
        try PredictionsFile(path: link).write([], classNames: ["a", "b"]) { _ in image("", label: 0) }
        #expect(try FileManager.default.destinationOfSymbolicLink(atPath: link) == "/dev/null")
    }

    @Test func pathThatCannotBeWrittenIsRefusedBeforeTheWork() throws {
        let missing = folder("missing/predictions.csv")
        let error = #expect(throws: ReportError.self) { try PredictionsFile(path: missing) }
        #expect(error?.description == "cannot write \(missing): No such file or directory")
        let directory = #expect(throws: ReportError.self) { try PredictionsFile(path: folder.path) }
        #expect(directory?.description == "cannot write \(folder.path): Is a directory")
    }
}
