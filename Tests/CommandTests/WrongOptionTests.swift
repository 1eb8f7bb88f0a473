import Foundation
import Testing

extension Command {
    @Suite struct WrongOptions {
        @Test(arguments: [
            (
                ["--model=vgg"],
                "The value 'vgg' is invalid for '--model <model>'. Please provide one of 'resnet18', 'resnet34', "
                    + "'resnet50' or 'resnet101'."
            ),
            (["--epochs=many"], "The value 'many' is invalid for '--epochs <epochs>'"),
            (["--epochs=0"], "--epochs is at least 1, not 0."),
            (["--image-size=31"], "--image-size is from 32 to 4096, not 31."),
            (["--image-size=100000000"], "--image-size is from 32 to 4096, not 100000000."),
            (["--threads=100000"], "--threads is from 0 to 1024, not 100000."),
            (["--crop-scale=1.5,1.5"], "--crop-scale is above 0 and at most 1, not 1.5,1.5."),
            (["--crop-ratio=2,1"], "The value '2,1' is invalid for '--crop-ratio <crop-ratio>'"),
            (["--hue=0.6"], "--hue is from 0 to 0.5, not 0.6."),
            (["--erase=2"], "--erase is from 0 to 1, not 2.0."),
            (["--mixup=-1"], "--mixup is at least 0, not -1.0."),
            (
                ["--schedule=linear"],
                "The value 'linear' is invalid for '--schedule <schedule>'. Please provide one of 'poly', 'cosine' or 'step'."
            ),
            (["--step-epochs=30,20"], "--step-epochs is a list of rising epochs such as 30,60,80, not 30,20."),
            (["--accumulate=0"], "--accumulate is at least 1, not 0."),
            (["--clip-norm=-1"], "--clip-norm is at least 0, not -1.0."),
            (["--ema=1"], "--ema is at least 0 and below 1, not 1.0."),
            (["--patience=-1"], "--patience is at least 0, not -1."),
            (["--learning-rate=nan"], "--learning-rate is above 0, not nan."),
            (["--spatial-kernel=4"], "--spatial-kernel is an odd number, not 4."),
            (["--recipe=best"], "The value 'best' is invalid for '--recipe <recipe>'. Please provide one of 'paper'."),
            (
                ["--batch-size=4", "--batch-size-per-rank=2"],
                "Give --batch-size (over all ranks) or --batch-size-per-rank, not both."
            ),
            (["--bucket-mebibytes=0"], "--bucket-mebibytes is from 1 to 1048576, not 0."),
            (
                ["--wire=int8"],
                "The value 'int8' is invalid for '--wire <wire>'. Please provide one of 'float32' and 'bfloat16'."
            ),
            (["--lerning-rate=1"], "Unknown option '--lerning-rate'. Did you mean '--learning-rate'?"),
        ])
        func areRefusedBeforeAnythingStarts(options: [String], message: String) throws {
            let folder = try TemporaryFolder()
            let result = try AAM.run(AAM.training(into: folder("run"), options))
            #expect(result.status == 64)
            #expect(result.stderr.hasPrefix("Error: \(message)\n"), "\(result.stderr)")
            #expect(!exists(folder("run")))
        }

        @Test func areToldOnceForAllRanks() throws {
            let result = try AAM.run(["train", "--model=vgg"], ranks: 2)
            #expect(result.status == 64)
            #expect(result.stderr.components(separatedBy: "Error: The value 'vgg' is invalid").count == 2)
        }

        @Test(arguments: aloneAndTwoRanks) func missingFoldersAreAskedFor(ranks: Int?) throws {
            func hint(_ what: String, _ option: String) -> String {
                "give \(what) by --\(option), or as \(option) in the file of --config"
            }
            try AAM.expectFailure(
                ["train"], ranks: ranks,
                Banner(
                    what: "--data is missing", place: "while checking the options",
                    hint: hint("the data set's folder", "data")))
            try AAM.expectFailure(
                ["train", "--data=\(Birds.folder)"], ranks: ranks,
                Banner(
                    what: "--output is missing", place: "while checking the options",
                    hint: hint("the run folder", "output")))
        }

        @Test func batchSmallerThanTheRanksIsRefusedBeforeAnythingIsWritten() throws {
            let folder = try TemporaryFolder()
            try AAM.expectFailure(
                AAM.training(into: folder("run"), ["--batch-size=2"]), ranks: 3,
                Banner(
                    what: "the global batch of 2 images is smaller than the number of ranks, 3",
                    place: "while checking the options", hint: "give --batch-size 3 or more, or start fewer ranks"))
            #expect(!exists(folder("run")))
        }

        @Test func evaluationNeedsItsOptions() throws {
            let result = try AAM.run(["evaluate", "--data=\(Birds.folder)"])
            #expect(result.status == 64)
            #expect(result.stderr.hasPrefix("Error: Missing expected argument '--checkpoint <checkpoint>'\n"))
        }

        @Test func synthesisLeavesFoldersAlone() throws {
            let folder = try TemporaryFolder()
            let file = try folder.write("notes.txt", "mine")
            let result = try AAM.run(["synthesize", "--output=\(folder.path)"])
            #expect(result.status == 1)
            #expect(
                result.stderr == "Error: \(folder.path): the folder is not empty, so nothing was written; give a new "
                    + "or an empty folder\n")
            #expect(try names(in: folder.path) == ["notes.txt"])
            #expect(try text(of: file) == "mine")
        }
    }
}
