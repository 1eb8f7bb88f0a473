import Foundation
import HTMLReport
import TestSupport
import Testing

struct RunTests {
    private let old = """
        kind,epoch,step,loss,learning_rate,images,seconds,images_per_second,data_wait_seconds,top1,top5,skipped
        step,1,1,2.5,0.1,8,0.5,16,0.01,,,
        step,1,2,nan,0.1,8,0.5,16,0.01,,,
        validation,1,2,2.25,,20,0.25,80,,0.25,0.75,0
        step,2,3,2.0,0.05,8,0.5,16
        """

    @Test func metricsOfAnEarlierVersionAreReadAndACutRowIsNot() throws {
        let metrics = RunMetrics(csv: old)
        #expect(metrics.steps.map(\.step) == [1, 2])
        #expect(metrics.steps[0].crossEntropy == 2.5 && metrics.steps[0].times == nil)
        #expect(metrics.steps[1].loss.isNaN)
        let validation = try #require(metrics.best)
        #expect(validation.top1 == 0.25 && validation.epoch == 1 && !validation.isOfAverage)
        #expect(metrics.seconds == 1.25 && metrics.imagesPerSecond == 16)
        #expect(StepTimeSection.parts(of: metrics) == nil)
    }

    @Test func averagesValidationsChooseTheBest() {
        let columns = "kind,epoch,step,loss,top1,top5\n"
        let rows = "validation,1,4,1,0.9,1\nvalidation-ema,1,4,1,0.5,1\nvalidation-ema,2,8,1,0.5,1\n"
        let best = RunMetrics(csv: columns + rows).best
        #expect(best?.epoch == 1 && best?.top1 == 0.5 && best?.isOfAverage == true)
    }

    @Test func partsOfAStepAddUpWithoutTheFirst() throws {
        let columns =
            "kind,epoch,step,loss,images,seconds,data_wait_seconds,forward_seconds,backward_seconds,"
            + "optimizer_seconds,communication_seconds\n"
        let rows =
            "step,1,1,1,8,9,1,1,1,1,1\nstep,1,2,1,8,1,0.1,0.2,0.3,0.05,0.15\nstep,1,3,1,8,2,0.3,0.4,0.5,0.15,0.25\n"
        let parts = try #require(StepTimeSection.parts(of: RunMetrics(csv: columns + rows)))
        #expect(parts.map(\.name) == ["wait for images", "forward", "backward", "optimizer", "communication", "other"])
        for (part, seconds) in zip(parts, [0.2, 0.3, 0.4, 0.1, 0.2, 0.3]) {
            #expect(abs(part.seconds - seconds) < 1e-12, "\(part)")
        }
    }

    @Test func stepsLieWithinTheirEpochsAndValidationsAtTheirEnds() {
        let csv = (1...5).reduce("kind,epoch,step,loss,seconds,top1,top5\n") { text, step in
            let validation = step == 4 ? "validation,1,4,1,2,0.5,1\n" : ""
            return text + "step,\(step <= 4 ? 1 : 2),\(step),1,1,,\n" + validation
        }
        let positions = RunPositions(RunMetrics(csv: csv))
        #expect(positions.steps.map(\.epochs) == [0.25, 0.5, 0.75, 1, 1.25])
        #expect(positions.steps.map(\.seconds) == [1, 2, 3, 4, 7])
        #expect(positions.validations.map(\.epochs) == [1] && positions.validations[0].seconds == 6)
        #expect(positions.duration == 7)
    }

    @Test func onlyOptionsThatDifferAreDifferences() {
        let one = RunOptions(["model": "resnet18", "seed": "0", "output": "a", "mu": "0.01"])
        let other = RunOptions(["model": "resnet18", "seed": "1", "output": "b", "unknown": "1"])
        #expect(RunOptions.differing([one, other]) == ["mu", "seed", "unknown"])
        #expect(RunOptions.differing([one]) == [])
    }

    @Test func configurationIsReadAsRunsWriteIt() throws {
        let folder = try TemporaryFolder()
        try "model = \"resnet\\\"18\"\nflip = 0.5\nema = false\nseed = 7\n".write(
            toFile: folder("config.toml"), atomically: true, encoding: .utf8)
        let options = try RunOptions(path: folder("config.toml"))
        #expect(options.values == ["model": "resnet\"18", "flip": "0.5", "ema": "false", "seed": "7"])
    }

    @Test func damagedConfigurationIsAnErrorWithItsLine() throws {
        let folder = try TemporaryFolder()
        let path = folder("config.toml")
        try "seed = 1\nmodel =\n".write(toFile: path, atomically: true, encoding: .utf8)
        let error = #expect(throws: RunFolderError.self) { try RunOptions(path: path) }
        #expect(error?.description.hasPrefix("\(path):2: not TOML: ") == true)
    }

    @Test func folderWithoutARunIsAnError() throws {
        let folder = try TemporaryFolder()
        #expect(throws: RunFolderError.noRun(path: folder.path)) { try RecordedRun(folder: folder.path) }
    }

    @Test func runsOfTheSameNameAreToldByTheirPaths() throws {
        let folder = try TemporaryFolder()
        for name in ["a/run", "b/run", "b/other"] {
            try FileManager.default.createDirectory(atPath: folder(name), withIntermediateDirectories: true)
            for file in ["config.toml", "metrics.csv"] {
                try Data().write(to: URL(filePath: folder("\(name)/\(file)")))
            }
        }
        let runs = try RecordedRun.read(["a/run", "b/run", "b/other/"].map { folder($0) })
        #expect(runs.map(\.name) == [folder("a/run"), folder("b/run"), "other"])
    }
}
