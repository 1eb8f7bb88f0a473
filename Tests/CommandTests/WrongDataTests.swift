import Foundation
import TestSupport
import Testing

extension Command {
    @Suite struct WrongData {
        private static let contents =
            "images.txt, image_class_labels.txt, train_test_split.txt, classes.txt and images/ (CUB_200_2011 in the "
            + "archive)"

        /// Training on the data fails while it is read, and leaves no run folder.
        private func expectRefusal(
            of data: String, _ what: String, ranks: Int?, sourceLocation: SourceLocation = #_sourceLocation
        ) throws {
            let folder = try TemporaryFolder()
            let output = folder("run")
            try AAM.expectFailure(
                AAM.training(on: data, into: output), ranks: ranks,
                Banner(what: what, place: "while reading the data set"), sourceLocation: sourceLocation)
            #expect(!exists(output), sourceLocation: sourceLocation)
        }

        private func replace(line: Int, of file: String, in data: String, with row: String) throws {
            let path = "\(data)/\(file)"
            var lines = try text(of: path).split(separator: "\n").map(String.init)
            lines[line - 1] = row
            try (lines.joined(separator: "\n") + "\n").write(toFile: path, atomically: false, encoding: .utf8)
        }

        @Test(arguments: aloneAndTwoRanks) func missingFolderIsNamed(ranks: Int?) throws {
            let data = try TemporaryFolder()("birds")
            try expectRefusal(
                of: data, "\(data): no such folder; give the folder that holds \(Self.contents)", ranks: ranks)
        }

        @Test(arguments: aloneAndTwoRanks) func missingAnnotationFileIsNamed(ranks: Int?) throws {
            let folder = try TemporaryFolder()
            let data = try Birds.copy(into: folder)
            try FileManager.default.removeItem(atPath: "\(data)/classes.txt")
            try expectRefusal(
                of: data,
                "\(data)/classes.txt: not found; the data set's folder holds \(Self.contents); unpack the archive again",
                ranks: ranks)
        }

        @Test(arguments: aloneAndTwoRanks) func rowOfAMissingImageIsNamed(ranks: Int?) throws {
            let folder = try TemporaryFolder()
            let data = try Birds.copy(into: folder)
            try replace(line: 3, of: "images.txt", in: data, with: "3 001.A/none.jpg")
            try expectRefusal(
                of: data,
                "\(data)/images.txt:3: 001.A/none.jpg is not in the images folder (looked for "
                    + "\(data)/images/001.A/none.jpg); unpack the archive again or remove the row", ranks: ranks)
        }

        @Test(arguments: aloneAndTwoRanks) func labelOutOfRangeIsNamed(ranks: Int?) throws {
            let folder = try TemporaryFolder()
            let data = try Birds.copy(into: folder)
            try replace(line: 5, of: "image_class_labels.txt", in: data, with: "5 9")
            try expectRefusal(
                of: data,
                "\(data)/image_class_labels.txt:5: class 9 is not in \(data)/classes.txt, which has 1…4; correct the "
                    + "row or the list", ranks: ranks)
        }

        @Test func dataOfOneSplitAloneIsRefused() throws {
            let folder = try TemporaryFolder()
            let data = try Birds.copy(into: folder)
            let count = Birds.trainCount + Birds.testCount
            for (value, split) in [("0", "training images"), ("1", "images in its test split")] {
                for id in 1...count {
                    try replace(line: id, of: "train_test_split.txt", in: data, with: "\(id) \(value)")
                }
                try AAM.expectFailure(
                    AAM.training(on: data, into: folder("run")), ranks: nil,
                    Banner(
                        what: "CUB-200-2011 in \(data) has no \(split)", place: "while making the model",
                        hint: "check that --data names the right folder and that its annotation files list images of "
                            + "this split"))
            }
        }

        // MARK: Images

        /// A copy of the birds in which an image ends before its pixels do.
        private func dataWithTruncatedImage(isTraining: Bool, in folder: TemporaryFolder) throws -> (
            data: String, image: String
        ) {
            let data = try Birds.copy(into: folder)
            let image = "\(data)/images/\(try Birds.images(isTraining: isTraining)[2].path)"
            let whole = try bytes(of: image)
            try whole.prefix(whole.count / 2).write(to: URL(filePath: image))
            return (data, image)
        }

        private func message(_ image: String) -> String {
            "\(image): the JPEG is truncated (Premature end of JPEG file); copy it again from the data set's archive"
        }

        @Test(arguments: aloneAndTwoRanks) func truncatedTrainingImageStopsTheRunAtItsStep(ranks: Int?) throws {
            let folder = try TemporaryFolder()
            let (data, image) = try dataWithTruncatedImage(isTraining: true, in: folder)
            let result = try AAM.run(AAM.training(on: data, into: folder("run")), ranks: ranks)
            #expect(result.status == 1)
            let banner = try Banner(result, ranks: ranks)
            #expect(banner.what == message(image))
            let place = try #require(banner.place)
            #expect(place.wholeMatch(of: #/epoch 1, step [1-4]/#) != nil, "\(place)")
            // The steps before are in the metrics.
            let step = try #require(place.last?.wholeNumberValue)
            #expect(try Metrics(folder("run")).steps.map(\.step) == Array(1..<step))
        }

        @Test(arguments: aloneAndTwoRanks) func truncatedImagesCanBeSkipped(ranks: Int?) throws {
            let folder = try TemporaryFolder()
            let (data, image) = try dataWithTruncatedImage(isTraining: true, in: folder)
            let output = folder("run")
            let result = try AAM.run(AAM.training(on: data, into: output, ["--skip-unreadable"]), ranks: ranks)
            try #require(result.status == 0, "\(result.stderr)")
            let warnings = (result.stdout + result.stderr).components(separatedBy: "skipped \(message(image))").count
            #expect(warnings == 1 + 2, "once an epoch")
            #expect(result.stdout.contains(", 2 unreadable images skipped\n"), "\(result.stdout)")
            let steps = try Metrics(output).steps
            for epoch in 1...2 {
                #expect(steps.filter { $0.epoch == epoch }.map(\.images).sorted() == [7, 8, 8, 8])
            }
        }

        @Test(arguments: aloneAndTwoRanks) func skippedValidationImagesAreCounted(ranks: Int?) throws {
            let folder = try TemporaryFolder()
            let (data, image) = try dataWithTruncatedImage(isTraining: false, in: folder)
            let training = try AAM.run(
                AAM.training(on: data, into: folder("run"), ["--skip-unreadable", "--epochs=1"]), ranks: ranks)
            #expect(training.stdout.contains(#/19 images in \d\.\d s  1 skipped/#), "\(training.stdout)")
            #expect(try Metrics(folder("run")).validations.map(\.skipped) == [1])

            let arguments = AAM.evaluation(of: Birds.run, on: data, ["--predictions=\(folder("rows.csv"))"])
            let failed = try Banner(try AAM.run(arguments, ranks: ranks), ranks: ranks)
            #expect(failed.what == message(image))
            #expect(!exists(folder("rows.csv")))

            let evaluation = try AAM.run(arguments + ["--skip-unreadable"], ranks: ranks)
            #expect(evaluation.stdout.contains(#/19 images in \d\.\d s  1 skipped/#), "\(evaluation.stdout)")
            #expect(evaluation.stderr.contains(": skipped \(message(image))\n"), "\(evaluation.stderr)")
            let rows = try Predictions(folder("rows.csv"), ranks: 4).rows
            #expect(rows.count == 19)
            #expect(!rows.contains { image.hasSuffix($0.path) })
        }
    }
}
