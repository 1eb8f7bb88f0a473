import Foundation
import Safetensors
import TestSupport
import Testing
import Training

extension Command {
    @Suite struct Predict {
        private struct Line: Decodable {
            struct Class: Decodable {
                let index: Int
                let name: String
                let probability: Double
            }

            let path: String
            let classes: [Class]?
            let error: String?
        }

        private func prediction(_ options: [String], checkpoint: String = Birds.run) -> [String] {
            ["predict", "--checkpoint=\(checkpoint)", "--threads=1", "--quiet"] + options
        }

        private func lines(_ text: String) throws -> [Line] {
            try text.split(separator: "\n").map { try JSONDecoder().decode(Line.self, from: Data($0.utf8)) }
        }

        private var testImages: [String] {
            get throws { try Birds.images(isTraining: false).map { "\(Birds.folder)/images/\($0.path)" } }
        }

        @Test func everyImageIsClassifiedInOrderWithTheSameBytesWhateverTheRanks() throws {
            let folder = try TemporaryFolder()
            let images = Array(try testImages.reversed())
            var first: Data?
            for ranks in [nil, 1, 2, 3] {
                let path = folder("\(ranks ?? 0).jsonl")
                try AAM.succeed(
                    prediction(["--format=jsonl", "--output=\(path)", "--batch-size=3"] + images), ranks: ranks)
                let content = try bytes(of: path)
                #expect(first ?? content == content, "\(ranks ?? 0) ranks")
                first = content
            }
            let found = try lines(String(decoding: try #require(first), as: UTF8.self))
            #expect(found.map(\.path) == images)
            let classes = Set(try Birds.rows("classes.txt").map(\.value))
            for line in found {
                let ranked = try #require(line.classes)
                #expect(Set(ranked.map(\.name)) == classes)
                #expect(abs(ranked.reduce(0) { $0 + $1.probability } - 1) < 1e-9)
                #expect(ranked.map(\.probability) == ranked.map(\.probability).sorted(by: >))
            }
        }

        /// The two commands see an image alike.
        @Test(arguments: [["--eval=center"], ["--eval=native", "--flip"]])
        func saysWhatEvaluateSays(options: [String]) throws {
            let folder = try TemporaryFolder()
            try AAM.succeed(AAM.evaluation(of: Birds.run, ["--predictions=\(folder("a.csv"))"] + options))
            try AAM.succeed(
                prediction(["--format=csv", "--output=\(folder("b.csv"))"] + options + (try testImages)))
            let expected = try Predictions(folder("a.csv"), ranks: Birds.classCount).rows
            let rows = try text(of: folder("b.csv")).split(separator: "\n").dropFirst().map {
                $0.split(separator: ",", omittingEmptySubsequences: false).map(String.init)
            }
            #expect(rows.count == expected.count)
            for (row, expected) in zip(rows, expected) {
                #expect(row[0].hasSuffix(expected.path))
                #expect(row[1] == expected.predicted)
                #expect(abs((Double(row[2]) ?? .nan) - expected.ranking[0].probability) < 1.5e-6)
                #expect(row.last == "")
            }
        }

        @Test(arguments: [nil, 2])
        func whatCannotBeReadIsReportedAndTheRestGoesOn(ranks: Int?) throws {
            let folder = try TemporaryFolder()
            let good = try testImages[0]
            try Data(try bytes(of: good).prefix(900)).write(to: URL(filePath: folder("cut.jpg")))
            try Data("hello".utf8).write(to: URL(filePath: folder("text.png")))
            try FileManager.default.createDirectory(atPath: folder("empty"), withIntermediateDirectories: false)
            let images = [folder("cut.jpg"), good, folder("text.png"), folder("empty"), folder("missing.jpg"), good]
            let result = try AAM.run(prediction(["--format=jsonl", "--batch-size=2"] + images), ranks: ranks)
            #expect(result.status == 1)
            let found = try lines(result.stdout)
            #expect(found.map(\.path) == images)
            #expect(found.map { $0.classes != nil } == [false, true, false, false, false, true])
            #expect(found[1].classes?.map(\.probability) == found[5].classes?.map(\.probability))
            let reasons = [
                ("cut.jpg", "the JPEG is truncated"), ("text.png", "neither JPEG nor PNG: it looks like text"),
                ("empty", "no images in this folder"), ("missing.jpg", "No such file or directory"),
            ]
            let warnings = result.stderr.split(separator: "\n").filter { $0.hasPrefix("warning: \(folder(""))") }
            #expect(warnings.count == reasons.count, "\(result.stderr)")
            for (warning, (name, reason)) in zip(warnings, reasons) {
                #expect(warning.contains("\(name): ") && warning.contains(reason), "\(warning)")
            }
            #expect(result.stderr.contains("warning: 4 of 6 could not be read\n"))
        }

        @Test(arguments: [false, true])
        func pathsComeFromStandardInput(parallel: Bool) throws {
            let folder = try TemporaryFolder()
            let images = try testImages
            try Data("\(images[2])\n\n\(images[0])\n".utf8).write(to: URL(filePath: folder("list")))
            let command = prediction(["--format=csv", "--top-k=1", images[1], "-"])
            let program =
                try (parallel ? ["mpirun", "--oversubscribe", "-n", "2"] : []) + [builtProduct("aam")] + command
            let quoted = program.map { "'\($0)'" }.joined(separator: " ")
            let result = try runCommand(
                "/bin/sh", arguments: ["-c", "\(quoted) < '\(folder("list"))'"],
                environment: ["OMPI_ALLOW_RUN_AS_ROOT": "1", "OMPI_ALLOW_RUN_AS_ROOT_CONFIRM": "1"])
            #expect(result.status == 0, "\(result.stderr)")
            let rows = result.stdout.split(separator: "\n")
            #expect(rows.first == "path,top1,probability1,error")
            #expect(rows.dropFirst().map { String($0.prefix { $0 != "," }) } == [images[1], images[2], images[0]])
            let listed = try AAM.succeed(
                prediction(["--format=csv", "--top-k=1", images[1], "--list", folder("list")]))
            #expect(listed.stdout == result.stdout)
        }

        @Test func foldersAreClassifiedAsATable() throws {
            let result = try AAM.succeed(prediction(["--top-k=1", "\(Birds.folder)/images"]))
            let rows = result.stdout.split(separator: "\n")
            #expect(rows.count == 1 + Birds.trainCount + Birds.testCount)
            #expect(rows[0].hasPrefix("image ") && rows[0].hasSuffix("  probability  class"))
            #expect(rows.dropFirst().allSatisfy { $0.contains(#/\d\d\.\d\d %  \d\d\d\.\w+$/#) })
        }

        /// A checkpoint as versions before class names were recorded wrote it.
        @Test func checkpointsWithoutNamesSayNumbersUnlessTheDataSetIsNamed() throws {
            let folder = try TemporaryFolder()
            var checkpoint = try Checkpoint.load("\(Birds.run)/latest")
            let metadata = checkpoint.model.metadata.filter { $0.key != "class-names" }
            checkpoint.model = SafetensorsFile(metadata: metadata, tensors: checkpoint.model.tensors)
            let old = try CheckpointStore(directory: folder("run")).save(checkpoint)
            let options = ["--format=csv", "--top-k=1", try testImages[0]]
            let result = try AAM.run(prediction(options, checkpoint: old))
            #expect(result.status == 0)
            #expect(result.stdout.contains(#/\.jpg,[0-3],0\.\d{6},\n/#))
            #expect(result.stderr.contains("does not know its classes' names, so they are numbers from 0; --dataset"))
            let named = try AAM.succeed(prediction(options + ["--data=\(Birds.folder)"], checkpoint: old))
            #expect(named.stdout == (try AAM.succeed(prediction(options)).stdout))
        }

        @Test func mistakesAreTold() throws {
            let nothing = try AAM.run(prediction([]))
            #expect(nothing.status == 64)
            #expect(nothing.stderr.contains("Name images: files, folders, or - for a list on standard input."))
            let twice = try AAM.run(prediction(["-", "--list=-"]))
            #expect(twice.status == 64)
            #expect(twice.stderr.contains("Standard input can be read once"))
            let folder = try TemporaryFolder()
            try AAM.expectFailure(
                prediction(["--list=\(folder("none"))"]), ranks: nil,
                Banner(
                    what: "cannot read the list \(folder("none"))", place: "while looking for the images",
                    hint: "give --list a file of paths, one a line"))
        }
    }
}
