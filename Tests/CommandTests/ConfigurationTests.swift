import Foundation
import TestSupport
import Testing

extension Command {
    /// Recipes, configuration files and flags.
    @Suite struct Configuration {
        @Test func runsOwnConfigurationRepeatsTheRun() throws {
            let folder = try TemporaryFolder()
            let output = folder("run")
            try AAM.succeed(["train", "--config=\(Birds.run)/config.toml", "--output=\(output)"])
            var expected = try configuration(of: Birds.run)
            expected["output"] = "\"\(output)\""
            #expect(try configuration(of: output) == expected)
            #expect(try Metrics(output).losses == Metrics(Birds.run).losses)
        }

        /// Values other than the defaults for every option that needs no other data.
        @Test func everyOptionIsTakenFromTheFile() throws {
            let folder = try TemporaryFolder()
            let output = folder("run \"é\" \\")
            let options = [
                "dataset": "\"cub\"", "data": "\"\(Birds.folder)\"", "image-size": "33", "eval": "\"native\"",
                "crop-boxes": "true", "level": "\"family\"", "validation-split": "\"test\"",
                "crop-scale": "\"0.5,0.75\"", "crop-ratio": "\"0.5,2.0\"",
                "flip": "0.25", "brightness": "0.125", "contrast": "0.25", "saturation": "0.375", "hue": "0.0625",
                "erase": "0.5", "erase-scale": "\"0.125,0.25\"", "erase-ratio": "\"0.5,2.0\"", "mixup": "0.25",
                "cutmix": "0.75", "mix-probability": "0", "schedule": "\"step\"", "step-epochs": "\"1,2\"",
                "step-factor": "0.5", "warmup-epochs": "0.5", "norm-decay": "false", "accumulate": "2",
                "clip-norm": "2.5", "ema": "0.75", "freeze": "\"conv1,bn1\"", "patience": "3",
                "skip-unreadable": "true", "model": "\"resnet34\"",
                "attention": "\"aam\"", "attention-placement": "\"stage\"", "attention-fusion": "\"product\"",
                "attention-kernel": "\"auto\"", "spatial-kernel": "3", "attention-ratio": "8", "batch-size": "16",
                "epochs": "1", "weights": "\"none\"", "loss": "\"cc\"", "mu": "0.02", "eta": "\"3\"", "lambda": "2.5",
                "label-smoothing": "0.125",
                "learning-rate": "0.001", "end-learning-rate": "0.0001", "poly-power": "1.5", "momentum": "0.75",
                "weight-decay": "0.125", "nesterov": "true", "seed": "12345", "sync-batchnorm": "true",
                "backend": "\"onednn\"", "convolution": "\"direct\"", "threads": "1", "loader-threads": "2",
                "wire": "\"bfloat16\"",
                "bucket-mebibytes": "3", "overlap": "false", "validate-every": "2",
                "checkpoint-every": "7", "checkpoint-minutes": "0.5", "checkpoint-epochs": "2", "keep-checkpoints": "1",
                "log-every": "1",
                "output": #""\#(folder.path)/run \"é\" \\""#,
            ]
            let file = try folder.write(
                "all.toml", options.sorted { $0.key < $1.key }.map { "\($0.key) = \($0.value)\n" }.joined())
            try AAM.succeed(["train", "--config=\(file)"])
            #expect(try configuration(of: output) == options)
        }

        @Test func flagsOverrideTheFileWhichOverridesTheRecipe() throws {
            let folder = try TemporaryFolder()
            let file = try folder.write(
                "run.toml",
                """
                recipe = "paper"
                momentum = 0.5
                epochs = 3
                batch-size-per-rank = 16
                image-size = 32
                eval = "center"
                nesterov = true

                """)
            try AAM.succeed([
                "train", "--config", file, "--data", Birds.folder, "--output", folder("run"), "--epochs", "1",
                "--no-nesterov", "--threads", "1",
            ])
            let configuration = try configuration(of: folder("run"))
            let expected = [
                "learning-rate": "0.0001", "end-learning-rate": "1e-06", "weight-decay": "0.00025", "momentum": "0.5",
                "epochs": "1", "batch-size": "16", "image-size": "32", "eval": "\"center\"", "nesterov": "false",
            ]
            for (key, value) in expected { #expect(configuration[key] == value, "\(key)") }
        }

        @Test func paperRecipeSetsThePapersValues() throws {
            let folder = try TemporaryFolder()
            try AAM.succeed([
                "train", "--recipe=paper", "--data=\(Birds.folder)", "--output=\(folder("run"))", "--epochs=1",
                "--image-size=32", "--threads=1",
            ])
            let configuration = try configuration(of: folder("run"))
            let expected = [
                "learning-rate": "0.0001", "end-learning-rate": "1e-06", "poly-power": "0.9", "momentum": "0.8",
                "weight-decay": "0.00025", "batch-size": "16", "eval": "\"native\"", "epochs": "1",
            ]
            for (key, value) in expected { #expect(configuration[key] == value, "\(key)") }
        }

        @Test func batchSizePerRankReplacesTheRecipesBatchSize() throws {
            let folder = try TemporaryFolder()
            try AAM.succeed(
                [
                    "train", "--recipe=paper", "--data=\(Birds.folder)", "--output=\(folder("run"))", "--epochs=1",
                    "--image-size=32", "--threads=1", "--eval=center", "--batch-size-per-rank=5",
                ], ranks: 2)
            #expect(try configuration(of: folder("run"))["batch-size"] == "10")
        }

        @Test func resumingCanBeConfigured() throws {
            let folder = try TemporaryFolder()
            let run = folder("run")
            try AAM.succeed(AAM.training(into: run, ["--epochs=1"]))
            let file = try folder.write("resume.toml", "resume = \"auto\"\n")
            let result = try AAM.succeed(AAM.training(into: run, ["--config=\(file)"]))
            #expect(result.stdout.contains("\nresumed from \(run)/checkpoint-4: "))
        }

        @Test(arguments: [
            (
                "epochs = 1\nlearning-rat = 3\n",
                ":2: There is no key 'learning-rat'. Did you mean 'learning-rate'? Keys are the long names of the options of aam train."
            ),
            (
                "epochs = 1\n\n# c\n\"epoch\" = 3\n",
                ":4: There is no key 'epoch'. Did you mean 'epochs'? Keys are the long names of the options of aam train."
            ),
            ("epochs = \"x\"\n", ":1: The value 'x' is invalid for '--epochs <epochs>'"),
            ("seed = 1\nepochs = 1.5\n", ":2: The value '1.5' is invalid for '--epochs <epochs>'"),
            (
                "model = \"vgg\"\n",
                ":1: The value 'vgg' is invalid for '--model <model>'. Please provide one of 'resnet18', 'resnet34', 'resnet50' or 'resnet101'."
            ),
            ("momentum = 2\n", ":1: --momentum is at least 0 and below 1, not 2.0."),
            ("nesterov = 1\n", ":1: The option '--nesterov' does not take any value, but '1' was specified."),
            ("[model]\nx = 1\n", ":1: 'model' takes a single value."),
            (
                "recipe = \"best\"\n",
                ":1: The value 'best' is invalid for '--recipe <recipe>'. Please provide one of 'paper'."
            ),
            ("nesterov = true\nmomentum = 0\n", ": --momentum is above 0 with --nesterov, not 0.0."),
            (
                "batch-size = 4\nbatch-size-per-rank = 4\n",
                ": Give --batch-size (over all ranks) or --batch-size-per-rank, not both."
            ),
            ("epochs = 1\nseed = \n", ":2: not TOML: Error while parsing key-value pair: expected value, saw '\\n'"),
            (
                "seed = 1\nseed = 2\n",
                ":2: not TOML: Error while parsing key-value pair: cannot redefine existing integer 'seed'"
            ),
        ])
        func wrongFilesAreNamedWithTheLine(contents: String, problem: String) throws {
            let folder = try TemporaryFolder()
            let file = try folder.write("wrong.toml", contents)
            let result = try AAM.run(AAM.training(into: folder("run"), ["--config=\(file)"]))
            #expect(result.stderr == "Error: \(file)\(problem)\n")
            #expect(result.status == 1)
            #expect(!exists(folder("run")))
        }

        @Test func missingFileIsNamedOnceForAllRanks() throws {
            let file = try TemporaryFolder()("run.toml")
            let arguments = ["train", "--config=\(file)"]
            let message = "Error: \(file): cannot be read: No such file or directory\n"
            #expect(try AAM.run(arguments).stderr == message)
            let job = try AAM.run(arguments, ranks: 2)
            #expect(job.status == 1)
            #expect(job.stderr.components(separatedBy: message).count == 2, "\(job.stderr)")
        }
    }
}
