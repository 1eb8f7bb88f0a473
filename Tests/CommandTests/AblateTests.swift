import Foundation
import Testing

extension Command {
    @Suite struct Ablate {
        private func arguments(_ output: String, _ options: [String] = []) -> [String] {
            [
                "ablate", "--data=\(Birds.folder)", "--output=\(output)", "--image-size=32", "--batch-size=8",
                "--epochs=1", "--learning-rate=0.01", "--threads=1",
            ] + options
        }

        private func rows(_ folder: String) throws -> [[String]] {
            try text(of: "\(folder)/ablation.csv").split(separator: "\n").map {
                $0.split(separator: ",", omittingEmptySubsequences: false).map(String.init)
            }
        }

        @Test func everyVariantIsTrainedOnceAndTabled() throws {
            let folder = try TemporaryFolder()
            let output = folder("ablation")
            let options = ["--attention=none,aam", "--loss=cross-entropy,center", "--seeds=4,5"]
            try AAM.succeed(arguments(output, options))
            let rows = try rows(output)
            #expect(rows[0] == ["attention", "loss", "seed", "status", "top1", "top5", "best_top1"])
            #expect(
                rows.dropFirst().map { $0.prefix(4).joined(separator: " ") } == [
                    "none cross-entropy 4 finished", "none cross-entropy 5 finished", "none center 4 finished",
                    "none center 5 finished", "aam cross-entropy 4 finished", "aam cross-entropy 5 finished",
                    "aam center 4 finished", "aam center 5 finished",
                ])
            for row in rows.dropFirst() {
                let metrics = try text(of: "\(output)/\(row[0])-\(row[1])-seed\(row[2])/metrics.csv")
                let last = try #require(metrics.split(separator: "\n").last)
                #expect(last.hasPrefix("validation,1,4,") && last.contains(",\(row[4]),\(row[5]),0"), "\(last)")
            }
            let table = try text(of: "\(output)/ablation.md").split(separator: "\n")
            #expect(table[0] == "| attention | loss | seeds | top-1 | top-5 | best top-1 |")
            #expect(table[1] == "| --- | --- | --- | --- | --- | --- |")
            let first = rows[1...2].compactMap { Double($0[4]) }
            let mean = (first[0] + first[1]) / 2
            let deviation = abs(first[0] - first[1]) / 2.0.squareRoot()
            let cell = String(format: "%.1f ± %.1f %%", 100 * mean, 100 * deviation)
            #expect(table[2].hasPrefix("| none | cross-entropy | 2 | \(cell) | 100.0 ± 0.0 % |"), "\(table[2])")
            #expect(table.count == 6)

            // Finished variants are read; one that was not is trained.
            try FileManager.default.removeItem(atPath: "\(output)/aam-center-seed5")
            let before = try bytes(of: "\(output)/none-center-seed4/log.txt")
            let again = try AAM.succeed(arguments(output, options)).stdout
            #expect(again.components(separatedBy: ": finished already\n").count == 8)
            #expect(try bytes(of: "\(output)/none-center-seed4/log.txt") == before)
            #expect(try self.rows(output) == rows)
        }

        /// Each group of one rank trains the same runs as a single process.
        @Test func groupsOfRanksShareTheVariants() throws {
            let folder = try TemporaryFolder()
            let options = ["--attention=none", "--seeds=1,2,3"]
            try AAM.succeed(arguments(folder("alone"), options))
            try AAM.succeed(arguments(folder("groups"), options + ["--ranks-per-variant=1"]), ranks: 2)
            #expect(try rows(folder("groups")) == rows(folder("alone")))
            #expect(
                try Metrics(folder("groups/none-seed2")).losses == Metrics(folder("alone/none-seed2")).losses)
            try AAM.expectFailure(
                arguments(folder("odd"), ["--ranks-per-variant=2"]), ranks: 3,
                Banner(
                    what: "3 ranks are no whole number of groups of --ranks-per-variant 2",
                    place: "while checking the options", hint: "start a multiple of 2 ranks"))
        }

        @Test func aFailingVariantIsNamedAndTheOthersGoOn() throws {
            let folder = try TemporaryFolder()
            // A file where a run folder should be.
            try FileManager.default.createDirectory(atPath: folder("ablation"), withIntermediateDirectories: true)
            _ = try folder.write("ablation/none-seed1", "")
            let options = ["--attention=none", "--seeds=1,2"]
            let result = try AAM.run(arguments(folder("ablation"), options))
            #expect(result.status == 1)
            #expect(result.stderr.contains("1 of 2 variants failed: none-seed1: "), "\(result.stderr)")
            #expect(try rows(folder("ablation")).dropFirst().map { $0[2] } == ["failed", "finished"])
            let job = try AAM.run(arguments(folder("ablation"), options), ranks: 2)
            #expect(job.status != 0)
            #expect(job.stderr.contains("variant none-seed1: "), "\(job.stderr)")
        }

        @Test func aRunWithOtherOptionsIsNotMixedIn() throws {
            let folder = try TemporaryFolder()
            let output = folder("ablation")
            let options = ["--attention=none", "--seeds=1"]
            try AAM.succeed(arguments(output, options))
            let result = try AAM.run(arguments(output, options + ["--momentum=0.5"]))
            #expect(result.status == 1)
            #expect(
                result.stderr.contains("\(output)/none-seed1 has a run with --momentum 0.9, not 0.5"),
                "\(result.stderr)")
        }

        @Test(arguments: [
            (["--attention=aam,vgg"], "vgg-seed1: The value 'vgg' is invalid for '--attention <attention>'"),
            (["--epoch=3"], "Unknown option '--epoch'"),
            (["--seeds=1,1"], "--attention, --loss or --seeds has a value twice."),
            (["--seeds=1,x"], "The value '1,x' is invalid for '--seeds <seeds>'"),
        ])
        func wrongOptionsAreRefusedBeforeAnythingStarts(options: [String], message: String) throws {
            let folder = try TemporaryFolder()
            let result = try AAM.run(arguments(folder("ablation"), options))
            #expect(result.status == 64)
            #expect(result.stderr.contains(message), "\(result.stderr)")
            #expect(!exists(folder("ablation")))
        }
    }
}
