import Foundation
import Testing

extension Command {
    @Suite struct Evaluate {
        private let result =
            #/(.+), (train|test): top-1 (\d+\.\d\d) %  top-5 (\d+\.\d\d) %  loss (\d+\.\d{4})  (\d+) images in \d+\.\d s/#

        /// What the command printed: percent and counts.
        private func evaluate(
            _ options: [String], ranks: Int? = nil
        ) throws -> (split: String, top1: String, loss: Double, images: Int) {
            let output = try AAM.succeed(AAM.evaluation(of: Birds.run, options), ranks: ranks).stdout
            let lines = output.split(separator: "\n")
            #expect(lines[0] == "\(Birds.run), step 8: resnet18 with aam attention, 11.2 M parameters")
            let match = try #require(lines[1].wholeMatch(of: result), "\(output)")
            #expect(match.1 == "CUB-200-2011")
            return (String(match.2), String(match.3), Double(match.5) ?? .nan, Int(match.6) ?? -1)
        }

        private var classes: Set<String> {
            get throws { Set(try Birds.rows("classes.txt").map(\.value)) }
        }

        @Test func everyImageIsPredictedOnceWhateverTheRanks() throws {
            let folder = try TemporaryFolder()
            let expected = try Birds.images(isTraining: false)
            var counts: Set<String> = []
            var predicted: Set<[String]> = []
            for ranks in [nil, 1, 2, 3] {
                let path = folder("\(ranks ?? 0).csv")
                let printed = try evaluate(["--predictions=\(path)"], ranks: ranks)
                let predictions = try Predictions(path, ranks: Birds.classCount)
                #expect(predictions.rows.map(\.path) == expected.map(\.path), "in the list's order")
                #expect(predictions.rows.map(\.label) == expected.map(\.label))
                predictions.expectSound(classes: try classes)
                #expect(printed.images == Birds.testCount)
                #expect(printed.top1 == String(format: "%.2f", 100 * Double(predictions.correct) / 20))
                counts.insert(printed.top1)
                predicted.insert(predictions.rows.map(\.predicted))
            }
            #expect(counts.count == 1, "\(counts)")
            #expect(predicted.count == 1)
        }

        @Test func lastValidationOfTrainingIsRepeated() throws {
            let validation = try #require(try Metrics(Birds.run).validations.last)
            let printed = try evaluate([])
            #expect(printed.top1 == String(format: "%.2f", 100 * validation.top1))
            #expect(abs(printed.loss - validation.loss) < 1e-3)
        }

        @Test func trainingImagesCanBeEvaluated() throws {
            let folder = try TemporaryFolder()
            let printed = try evaluate(["--split=train", "--predictions=\(folder("train.csv"))"], ranks: 2)
            #expect(printed.split == "train")
            #expect(printed.images == Birds.trainCount)
            #expect(
                try Predictions(folder("train.csv"), ranks: 4).rows.map(\.path)
                    == Birds.images(isTraining: true).map(\.path))
        }

        @Test func imagesCanKeepTheirSize() throws {
            let folder = try TemporaryFolder()
            var rows: [[String]] = []
            for ranks in [1, 2] {
                let path = folder("\(ranks).csv")
                let printed = try evaluate(["--eval=native", "--predictions=\(path)"], ranks: ranks)
                #expect(printed.images == Birds.testCount)
                let predictions = try Predictions(path, ranks: 4)
                #expect(printed.top1 == String(format: "%.2f", 100 * Double(predictions.correct) / 20))
                rows.append(predictions.rows.map { "\($0.path) \($0.predicted)" })
            }
            #expect(rows[0].count == Birds.testCount)
            #expect(rows[0] == rows[1])
        }

        /// Every number, bit for bit: batches and the order of sums do not depend on the ranks.
        @Test func detailsAreTheSameBytesWhateverTheRanks() throws {
            let folder = try TemporaryFolder()
            let files = ["classes.csv", "confusion.csv", "confusion.png", "pairs.csv"]
            var first: [String: Data] = [:]
            for ranks in [1, 2, 3] {
                let (details, predictions) = (folder("details-\(ranks)"), folder("\(ranks).csv"))
                let output = try AAM.succeed(
                    AAM.evaluation(
                        of: Birds.run,
                        ["--flip", "--batch-size=3", "--details=\(details)", "--predictions=\(predictions)"]),
                    ranks: ranks
                ).stdout
                #expect(output.contains("\nmean accuracy of the classes: "))
                for file in files + ["predictions"] {
                    let content = try bytes(of: file == "predictions" ? predictions : "\(details)/\(file)")
                    #expect(first[file] ?? content == content, "\(file) of \(ranks) ranks")
                    first[file] = content
                }
            }
            let rows = String(decoding: first["classes.csv"] ?? Data(), as: UTF8.self).split(separator: "\n").map {
                $0.split(separator: ",")
            }
            #expect(rows.count == 1 + Birds.classCount)
            #expect(rows.dropFirst().map { $0[1] } == [Substring](repeating: "5", count: 4))
            let right = try Predictions(folder("1.csv"), ranks: Birds.classCount).correct
            #expect(rows.dropFirst().reduce(0) { $0 + (Int($1[2]) ?? 0) } == right)
        }

        @Test func theAverageOfWeightsIsEvaluatedWhereThereIsOne() throws {
            let folder = try TemporaryFolder()
            try AAM.succeed(AAM.training(into: folder("run"), ["--ema=0.5"]))
            let table = try text(of: folder("run/metrics.csv")).split(separator: "\n").map {
                $0.split(separator: ",", omittingEmptySubsequences: false)
            }
            let last = try #require(table.last { $0[0] == "validation-ema" })
            let output = try AAM.succeed(AAM.evaluation(of: folder("run"), ["--ema"])).stdout
            let loss = try #require(Double(last[3]))
            #expect(output.contains(String(format: "loss %.4f", loss)), "\(output)")
            try AAM.expectFailure(
                AAM.evaluation(of: Birds.run, ["--ema"]), ranks: nil,
                Banner(
                    what: "\(Birds.run)/latest has no moving average of the weights",
                    place: "while reading the checkpoint",
                    hint: "evaluate without --ema, or train with --ema DECAY"))
        }

        @Test func aLinkAndACheckpointAreAcceptedToo() throws {
            for (name, step) in [("latest", 8), ("checkpoint-4", 4)] {
                let checkpoint = "\(Birds.run)/\(name)"
                let output = try AAM.succeed(AAM.evaluation(of: checkpoint)).stdout
                #expect(output.hasPrefix("\(checkpoint), step \(step): "), "\(output)")
            }
        }
    }
}
