import Foundation
import Testing

extension Command {
    /// Disks that refuse, and training that diverges.
    @Suite struct FailingRuns {
        @Test(arguments: aloneAndTwoRanks) func runFolderThatCannotBeMadeIsNamed(ranks: Int?) throws {
            let folder = try TemporaryFolder()
            let output = "\(try folder.write("file", ""))/run"
            try AAM.expectFailure(
                AAM.training(into: output), ranks: ranks,
                Banner(
                    what: "cannot list \(output): Not a directory (errno 20); a part of the path is a file, not a "
                        + "folder", place: "while preparing the run folder"))
        }

        @Test func placeThatTakesNoFoldersIsNamed() throws {
            try AAM.expectFailure(
                AAM.training(into: "/proc/runs/first"), ranks: nil,
                Banner(
                    what: "cannot create folder /proc/runs: No such file or directory (errno 2); check that the path "
                        + "exists on this host", place: "while preparing the run folder"))
        }

        @Test(arguments: aloneAndTwoRanks) func predictionsThatCannotBeWrittenAreNamedBeforeTheWork(ranks: Int?) throws
        {
            let folder = try TemporaryFolder()
            let path = "\(try folder.write("file", ""))/rows.csv"
            let result = try AAM.run(AAM.evaluation(of: Birds.run, ["--predictions=\(path)"]), ranks: ranks)
            #expect(result.status == 1)
            #expect(
                try Banner(result, ranks: ranks)
                    == Banner(
                        what: "cannot write \(path): Not a directory", place: "while opening the file of predictions",
                        hint: "check the path, its permissions and the space on its disk"))
            #expect(result.stdout == "")
        }

        @Test(arguments: aloneAndTwoRanks) func checkpointThatCannotBeWrittenEndsTheJob(ranks: Int?) throws {
            let folder = try TemporaryFolder()
            let output = folder("run")
            // A folder in the link's place cannot be replaced by a link.
            try FileManager.default.createDirectory(
                atPath: "\(output)/best/occupied", withIntermediateDirectories: true)
            let result = try AAM.run(AAM.training(into: output), ranks: ranks)
            #expect(result.status > 0 && result.status < 128)
            #expect(
                try Banner(result, ranks: ranks)
                    == Banner(
                        what: "cannot replace link \(output)/best: Is a directory (errno 21); this is a folder: name a "
                            + "file", place: "while writing a checkpoint to \(output)"))
            #expect(!result.stdout.contains("finished"))
            // The write of the first epoch's checkpoint ends the run in the second epoch.
            let metrics = try Metrics(output)
            #expect(metrics.steps.count >= 5 && metrics.steps.count <= 8)
        }

        @Test(arguments: aloneAndTwoRanks) func divergedRunNamesItsStepAndKeepsItsCheckpoints(ranks: Int?) throws {
            let folder = try TemporaryFolder()
            let run = folder("run")
            try FileManager.default.copyItem(atPath: Birds.run, toPath: run)
            let checkpoint = try bytes(of: "\(run)/checkpoint-8/model.safetensors")
            let options = ["--resume=auto", "--epochs=3", "--learning-rate=1e30"]
            let result = try AAM.run(AAM.training(into: run, options), ranks: ranks)
            #expect(result.status > 0 && result.status < 128)
            let banner = try Banner(result, ranks: ranks)
            let words = #/the loss is (-?nan|inf) at step (\d+), in epoch 3, with learning rate (\S+)/#
            let match = try #require(banner.what.wholeMatch(of: words), "\(banner.what)")
            let last = try #require(try Metrics(run).steps.last)
            #expect(Int(match.2) == last.step)
            #expect(Double(match.3) == last.learningRate)
            #expect(!last.loss.isFinite)
            #expect(last.step > 8 && last.step <= 12)
            #expect(banner.hint?.hasPrefix("lower --learning-rate") == true)
            #expect(try FileManager.default.destinationOfSymbolicLink(atPath: "\(run)/latest") == "checkpoint-8")
            let unharmed = try bytes(of: "\(run)/checkpoint-8/model.safetensors") == checkpoint
            #expect(unharmed)
        }
    }
}
