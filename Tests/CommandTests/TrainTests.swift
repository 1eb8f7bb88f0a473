import Foundation
import Testing
import Training

extension Command {
    @Suite struct Train {
        @Test func runFolderHasEverythingARunLeaves() throws {
            // TensorBoard's file has the time of its beginning in its name.
            let events = #/events\.out\.tfevents\.\d+\.aam/#
            #expect(
                try names(in: Birds.run).map { $0.wholeMatch(of: events) == nil ? $0 : "events" } == [
                    "best", "checkpoint-4", "checkpoint-8", "config.toml", "environment.jsonl", "events", "latest",
                    "log.txt", "metrics.csv",
                ])
            let files = FileManager.default
            #expect(try files.destinationOfSymbolicLink(atPath: "\(Birds.run)/latest") == "checkpoint-8")
            let best = try #require(try Metrics(Birds.run).validations.max { $0.top1 < $1.top1 })
            #expect(try files.destinationOfSymbolicLink(atPath: "\(Birds.run)/best") == "checkpoint-\(best.step)")
            #expect(
                try names(in: "\(Birds.run)/latest/") == ["model.safetensors", "optimizer.safetensors", "state.json"])
        }

        @Test func metricsHaveARowForEachStepAndEachValidation() throws {
            let metrics = try Metrics(Birds.run)
            let epoch = Array(repeating: "step", count: 4) + ["validation"]
            #expect(metrics.kinds == epoch + epoch)
            #expect(metrics.steps.map(\.step) == Array(1...8))
            #expect(metrics.steps.map(\.epoch) == [1, 1, 1, 1, 2, 2, 2, 2])
            #expect(metrics.steps.allSatisfy { $0.images == 8 })
            #expect(metrics.validations.map(\.step) == [4, 8])
            #expect(metrics.validations.map(\.epoch) == [1, 2])
        }

        @Test func metricsArePlausible() throws {
            let metrics = try Metrics(Birds.run)
            // log 4 for a guess among four classes; the head starts near it.
            #expect(abs(metrics.losses[0] - log(4)) < 1, "\(metrics.losses)")
            for step in metrics.steps {
                #expect(step.loss > 0 && step.loss < 20)
                // Each is rounded to a tenth of a millisecond.
                #expect(step.times.reduce(step.dataWaitSeconds, +) <= step.seconds + 3e-4, "\(step)")
                #expect(step.times[0] > 0 && step.times[1] > 0)
                #expect(step.dataWaitSeconds >= 0 && step.dataWaitSeconds <= step.seconds)
                // Seconds are rounded to a tenth of a millisecond.
                #expect(abs(step.imagesPerSecond * step.seconds - 8) < 8 * 1e-4 / step.seconds + 0.01)
            }
            for validation in metrics.validations {
                #expect(validation.images == Birds.testCount)
                #expect(validation.skipped == 0)
                #expect(validation.loss > 0)
                #expect(validation.top5 == 1, "there are but four classes")
                let count = validation.top1 * Double(Birds.testCount)
                #expect(count == count.rounded() && (0...20).contains(count))
            }
        }

        @Test func learningRateFollowsThePolySchedule() throws {
            for step in try Metrics(Birds.run).steps {
                let expected = 1e-5 + (0.01 - 1e-5) * pow(1 - Double(step.step - 1) / 8, 0.9)
                #expect(step.learningRate == expected, "step \(step.step)")
            }
        }

        @Test func configurationFileNamesEveryOption() throws {
            let configuration = try configuration(of: Birds.run)
            #expect(Set(configuration.keys) == Set(TrainingConfiguration.CodingKeys.allCases.map(\.rawValue)))
            let expected = [
                "data": "\"\(Birds.folder)\"", "output": "\"\(Birds.run)\"", "model": "\"resnet18\"",
                "image-size": "32", "learning-rate": "0.01", "end-learning-rate": "1e-05", "sync-batchnorm": "false",
                "attention-kernel": "\"5\"", "threads": "1",
            ]
            for (key, value) in expected { #expect(configuration[key] == value) }
        }

        @Test(arguments: [1, 2]) func progressLinesComeFromRankZeroAlone(ranks: Int) throws {
            let folder = try TemporaryFolder()
            let output = folder("run")
            let result = try AAM.succeed(AAM.training(into: output), ranks: ranks)
            // Whether a disk keeps up with so short an epoch is its own business.
            let printed = result.stdout.split(separator: "\n").map(String.init)
                .filter { !$0.hasPrefix("warning: training waited for the checkpoint") }
                .filter { !$0.hasPrefix("warning: this is not the official CUB-200-2011: ") }
            let ready = try Regex(#"ready in \d+\.\d s"#)
            let lines = printed.filter { $0.wholeMatch(of: ready) == nil }
            #expect((12...13).contains(lines.count), "\(result.stdout)")
            #expect(try ready.wholeMatch(in: printed[2]) != nil, "\(result.stdout)")
            #expect(lines[0] == "CUB-200-2011: 32 training and 20 test images, 4 classes")
            #expect(
                lines[1] == "resnet18 with aam attention, 11.2 M parameters, ranks: \(ranks), global batch: 8, "
                    + "backend: onednn, threads a rank: 1")
            let number = #"\d+\.\d"#
            let progress = try Regex(
                #"epoch (\d)/2  step (\d)/4  loss \d+\.\d{4}  lr 0\.\d+  \#(number) images/s  "#
                    + #"data wait \#(number) %  ETA (-|\d+:\d\d:\d\d)"#)
            for (line, place) in [(2, "1 3"), (3, "1 4"), (5, "2 2"), (6, "2 4")] {
                let match = try #require(try progress.wholeMatch(in: lines[line]), "\(lines[line])")
                #expect([match[1], match[2]].map { String($0.substring ?? "") }.joined(separator: " ") == place)
            }
            let validation = try Regex(
                #"epoch (\d)/2  validation  top-1 \d+\.\d\d %  top-5 100\.00 %  loss \d+\.\d{4}  "#
                    + #"20 images in \#(number) s(  \(best so far\))?"#)
            for line in [4, 7] { #expect(try validation.wholeMatch(in: lines[line]) != nil, "\(lines[line])") }
            #expect(lines[4].hasSuffix("(best so far)"))
            let end = try Regex(#"finished 8 steps in 0:0\d:\d\d, \#(number) training images/s"#)
            #expect(try end.wholeMatch(in: lines[8]) != nil, "\(lines[8])")
            let best = #/  best     epoch (1 \(step 4\)|2 \(step 8\)): top-1 \d+\.\d\d %, top-5 100\.00 %/#
            #expect(lines[9].wholeMatch(of: best) != nil, "\(lines[9])")
            #expect(lines.contains("  weights  \(output)/best and \(output)/latest"))

            let log = try text(of: "\(output)/log.txt").split(separator: "\n")
                .map { String($0.dropFirst("2000-01-01T00:00:00Z ".count)) }
            #expect(log.filter { !$0.hasPrefix("warning: ") } == printed)
            #expect(log[1].hasPrefix("warning: this is not the official CUB-200-2011: 4 classes instead of 200"))
        }

        @Test func sameCommandGivesTheSameRun() throws {
            let folder = try TemporaryFolder()
            try AAM.succeed(AAM.training(into: folder("again")))
            #expect(try Metrics(folder("again")).losses == Metrics(Birds.run).losses)
            try expectSameCheckpoint("\(folder("again"))/latest", "\(Birds.run)/latest")
        }

        @Test func anotherSeedGivesAnotherRun() throws {
            let folder = try TemporaryFolder()
            try AAM.succeed(AAM.training(into: folder("run"), ["--seed=1", "--epochs=1"]))
            #expect(try Metrics(folder("run")).losses[0] != Metrics(Birds.run).losses[0])
        }

        @Test func onlyTheLastCheckpointsAndTheBestAreKept() throws {
            let folder = try TemporaryFolder()
            try AAM.succeed(
                AAM.training(into: folder("run"), ["--checkpoint-every=1", "--keep-checkpoints=2", "--epochs=2"]))
            let kept = try names(in: folder("run")).filter { $0.hasPrefix("checkpoint-") }
            let best = try FileManager.default.destinationOfSymbolicLink(atPath: "\(folder("run"))/best")
            #expect(Set(kept) == ["checkpoint-7", "checkpoint-8", best])
        }

        /// The backends share no kernel. Measured: 4e-8 and 6e-6; then rounding grows, as it does between ranks.
        @Test func backendsGiveTheSameLosses() throws {
            let folder = try TemporaryFolder()
            try AAM.succeed(AAM.training(into: folder("run"), ["--backend=openblas"]))
            #expect(try configuration(of: folder("run"))["backend"] == "\"openblas\"")
            let (losses, expected) = (try Metrics(folder("run")).losses, try Metrics(Birds.run).losses)
            for (loss, expected) in zip(losses, expected).prefix(2) {
                #expect(abs(loss - expected) <= 1e-3 * expected, "\(losses)")
            }
        }
    }
}
