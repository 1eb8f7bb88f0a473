import Foundation
import Testing

extension Command {
    @Suite struct WrongCheckpoints {
        /// What must not change: names and contents of a run folder's files, the log left out.
        private func contents(of run: String) throws -> [String: Data] {
            let files = try FileManager.default.subpathsOfDirectory(atPath: run).filter { name in
                !isFolder("\(run)/\(name)") && name != "log.txt"
            }
            return try Dictionary(uniqueKeysWithValues: files.map { ($0, try bytes(of: "\(run)/\($0)")) })
        }

        private func copyOfRun(in folder: TemporaryFolder) throws -> String {
            try FileManager.default.copyItem(atPath: Birds.run, toPath: folder("run"))
            return folder("run")
        }

        private func expectRefusal(
            _ options: [String], of run: String, ranks: Int?, _ banner: Banner,
            sourceLocation: SourceLocation = #_sourceLocation
        ) throws {
            let before = try contents(of: run)
            try AAM.expectFailure(
                AAM.training(into: run, options), ranks: ranks, banner, sourceLocation: sourceLocation)
            let unchanged = try contents(of: run) == before
            #expect(unchanged, sourceLocation: sourceLocation)
        }

        @Test(arguments: aloneAndTwoRanks) func runIsNotOverwrittenUnasked(ranks: Int?) throws {
            let folder = try TemporaryFolder()
            let run = try copyOfRun(in: folder)
            try expectRefusal(
                [], of: run, ranks: ranks,
                Banner(
                    what: "\(run) already has a run, with checkpoints up to step 8",
                    place: "while preparing the run folder",
                    hint: "give --resume auto to continue it, --resume never to start it anew, or another --output"))
        }

        @Test(arguments: aloneAndTwoRanks) func otherModelIsNotResumed(ranks: Int?) throws {
            let folder = try TemporaryFolder()
            let run = try copyOfRun(in: folder)
            let latest = "\(run)/checkpoint-8"
            try expectRefusal(
                ["--resume=auto", "--attention=none", "--epochs=3"], of: run, ranks: ranks,
                Banner(
                    what: "\(latest) is of another model: its --attention is aam, not none",
                    place: "while reading the checkpoint \(latest)",
                    hint: "give --attention aam, or --resume never and another --output to train anew"))
        }

        @Test func finishedRunHasNothingLeft() throws {
            let folder = try TemporaryFolder()
            let run = try copyOfRun(in: folder)
            let latest = "\(run)/checkpoint-8"
            try expectRefusal(
                ["--resume=auto"], of: run, ranks: nil,
                Banner(
                    what: "\(latest) is the end of a run of 2 epochs: there is nothing left to train",
                    place: "while reading the checkpoint \(latest)",
                    hint: "give --epochs above 2 to train longer, or another --output for a new run"))
        }

        @Test func otherBatchesDoNotContinueWithinAnEpoch() throws {
            let folder = try TemporaryFolder()
            let run = folder("run")
            try AAM.succeed(AAM.training(into: run, ["--epochs=1", "--checkpoint-every=2"]))
            let checkpoint = "\(run)/checkpoint-2"
            try expectRefusal(
                ["--resume=\(checkpoint)", "--batch-size=4"], of: run, ranks: nil,
                Banner(
                    what: "\(checkpoint) stands within an epoch of a run with --batch-size 8, not 4",
                    place: "while reading the checkpoint \(checkpoint)",
                    hint: "give --batch-size 8, or resume from a checkpoint at the end of an epoch"))
        }

        @Test(arguments: aloneAndTwoRanks) func damageIsNamedWithTheCheckpointBefore(ranks: Int?) throws {
            let folder = try TemporaryFolder()
            let run = try copyOfRun(in: folder)
            let file = "\(run)/checkpoint-8/model.safetensors"
            let intact = try bytes(of: file)
            try intact.dropLast(10).write(to: URL(filePath: file))
            try AAM.expectFailure(
                AAM.evaluation(of: "\(run)/checkpoint-8"), ranks: ranks,
                Banner(
                    what:
                        "\(file) is damaged: it has \(intact.count - 10) bytes, not \(intact.count); use the checkpoint before it: "
                        + "\(run)/checkpoint-4", place: "while reading the checkpoint"))
        }

        @Test func damageOfAllCheckpointsStopsResuming() throws {
            let folder = try TemporaryFolder()
            let run = try copyOfRun(in: folder)
            for step in [4, 8] { try FileManager.default.removeItem(atPath: "\(run)/checkpoint-\(step)/state.json") }
            try expectRefusal(
                ["--resume=auto"], of: run, ranks: nil,
                Banner(
                    what: "no checkpoint in \(run) can be used: \(run)/checkpoint-8/state.json: the file is missing | "
                        + "\(run)/checkpoint-4/state.json: the file is missing. Restore one from a copy, or start anew "
                        + "with --resume never", place: "while choosing a checkpoint"))
        }

        @Test(arguments: aloneAndTwoRanks) func otherDataIsNotEvaluated(ranks: Int?) throws {
            let folder = try TemporaryFolder()
            try AAM.succeed([
                "synthesize", "--output=\(folder("three"))", "--classes=3", "--train-images=1", "--test-images=1",
                "--image-size=32",
            ])
            try AAM.expectFailure(
                AAM.evaluation(of: Birds.run, on: folder("three"), ["--predictions=\(folder("rows.csv"))"]),
                ranks: ranks,
                Banner(
                    what: "\(Birds.run) is of a model of 4 classes, but CUB-200-2011 has 3",
                    place: "while reading the data set", hint: "evaluate on the data set the model was trained for"))
            #expect(!exists(folder("rows.csv")))
        }

        @Test func anyOtherFolderIsNoCheckpoint() throws {
            try AAM.expectFailure(
                AAM.evaluation(of: Birds.folder), ranks: nil,
                Banner(
                    what: "\(Birds.folder) is neither a checkpoint (a folder with state.json) nor a folder of "
                        + "checkpoints (with a link 'latest'): name one of these",
                    place: "while reading the checkpoint"))
        }
    }
}
