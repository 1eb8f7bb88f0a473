import Foundation
import TestSupport
import Testing

/// The Python that $AAM_PYTHON names, or python3.
private let python = ProcessInfo.processInfo.environment["AAM_PYTHON"] ?? "python3"

private let accumulator = "tensorboard.backend.event_processing.event_accumulator"

private let canImportTensorBoard: Bool = {
    let result = try? runCommand("/usr/bin/env", arguments: [python, "-c", "import \(accumulator)"])
    return result?.status == 0
}()

/// What TensorBoard has of a folder, by tags.
private struct Curves: Decodable {
    struct Point: Decodable, Equatable {
        let step: Int
        let value: Double
    }

    struct Picture: Decodable, Equatable {
        let step: Int
        /// Width and height, as the event says and as the file in it has it.
        let size, decoded: [Int]
    }

    let scalars: [String: [Point]]
    let images: [String: [Picture]]

    init(_ folder: String) throws {
        let program = """
            import io, json, sys
            from PIL import Image
            from \(accumulator) import EventAccumulator

            events = EventAccumulator(sys.argv[1], size_guidance={"scalars": 0, "images": 0}).Reload()
            tags = events.Tags()
            print(json.dumps({
                "scalars": {
                    tag: [{"step": event.step, "value": event.value} for event in events.Scalars(tag)]
                    for tag in tags["scalars"]
                },
                "images": {
                    tag: [
                        {
                            "step": event.step,
                            "size": [event.width, event.height],
                            "decoded": Image.open(io.BytesIO(event.encoded_image_string)).size,
                        }
                        for event in events.Images(tag)
                    ]
                    for tag in tags["images"]
                },
            }))
            """
        let result = try runCommand("/usr/bin/env", arguments: [python, "-c", program, folder], timeout: 120)
        try #require(result.status == 0, "\(result.stderr)")
        self = try JSONDecoder().decode(Curves.self, from: Data(result.stdout.utf8))
    }

    /// Each tag has the same steps and values, which files hold in single precision.
    func expect(
        _ tag: String, _ points: [(step: Int, value: Double)], sourceLocation: SourceLocation = #_sourceLocation
    ) {
        let expected = points.map { Point(step: $0.step, value: Double(Float($0.value))) }
        #expect(scalars[tag] == expected, "\(tag)", sourceLocation: sourceLocation)
    }
}

private func eventFile(of run: String) throws -> String {
    let files = try names(in: run).filter { $0.contains("tfevents") }
    try #require(files.count == 1, "\(files)")
    return "\(run)/\(files[0])"
}

extension Command {
    @Suite(.enabled(if: canImportTensorBoard, "set AAM_PYTHON to a Python with tensorboard"))
    struct TensorBoard {
        private func expectCurves(_ curves: Curves, of metrics: Metrics) throws {
            curves.expect("train/loss", metrics.steps.map { ($0.step, $0.loss) })
            curves.expect("train/cross_entropy", metrics.steps.map { ($0.step, $0.loss) })
            curves.expect("train/learning_rate", metrics.steps.map { ($0.step, $0.learningRate) })
            // The table has two decimals.
            let rates = try #require(curves.scalars["train/images_per_second"])
            #expect(rates.map(\.step) == metrics.steps.map(\.step))
            for (rate, step) in zip(rates, metrics.steps) {
                #expect(abs(rate.value - step.imagesPerSecond) <= 0.01 + 1e-6 * rate.value)
            }
            for kind in ["validation", "validation-ema"] {
                let results = zip(metrics.kinds.filter { $0 != "step" }, metrics.validations).filter { $0.0 == kind }
                    .map(\.1)
                #expect(results.map(\.step) == [8, 16])
                curves.expect("\(kind)/loss", results.map { ($0.step, $0.loss) })
                curves.expect("\(kind)/top1", results.map { ($0.step, $0.top1) })
                curves.expect("\(kind)/top5", results.map { ($0.step, $0.top5) })
            }
            for tag in ["norms/weights", "norms/gradients"] {
                let norms = try #require(curves.scalars[tag])
                // A line every three steps and at an epoch's end.
                #expect(norms.map(\.step) == [3, 6, 8, 9, 12, 15, 16])
                #expect(norms.allSatisfy { $0.value > 0 && $0.value.isFinite })
            }
            // Four of the validation images, from all over the list.
            let test = try Birds.images(isTraining: false)
            #expect(Set(curves.images.keys) == Set([0, 5, 10, 15].map { "attention/\(test[$0].path)" }))
            // The image and ResNet-18's eight modules, three tiles of 96 pixels a row.
            let size = [3 * 96, 3 * 96]
            for pictures in curves.images.values {
                #expect(pictures == [8, 16].map { Curves.Picture(step: $0, size: size, decoded: size) })
            }
        }

        @Test(arguments: aloneAndTwoRanks) func curvesOfAnInterruptedRunAreThoseOfItsMetrics(ranks: Int?) throws {
            let folder = try TemporaryFolder()
            let (run, followed) = (folder("run"), folder("followed"))
            // 2 epochs of 8 steps.
            let arguments = AAM.training(into: run, ["--batch-size=4", "--checkpoint-every=2", "--ema=0.9"])
            try AAM.killAfter(step: 11, arguments, output: run, ranks: ranks)
            let before = try Curves(run)
            let reached = try #require(before.scalars["train/loss"]?.last?.step)
            #expect(reached >= 10)
            // What a reader that follows the run has seen.
            try FileManager.default.createDirectory(atPath: followed, withIntermediateDirectories: true)
            func copyEvents() throws {
                let file = try eventFile(of: run)
                try FileManager.default.copyItem(
                    atPath: file, toPath: "\(followed)/\(file.split(separator: "/").last!)")
            }
            try copyEvents()

            try AAM.succeed(arguments + ["--resume=auto"], ranks: ranks)
            try copyEvents()
            #expect(try names(in: followed).count == 2)
            let metrics = try Metrics(run)
            #expect(metrics.steps.map(\.step) == Array(1...16))
            try expectCurves(try Curves(run), of: metrics)
            try expectCurves(try Curves(followed), of: metrics)
        }

        @Test func newRunInTheSameFolderHasItsOwnCurvesAlone() throws {
            let folder = try TemporaryFolder()
            try AAM.succeed(AAM.training(into: folder("run"), ["--epochs=2"]))
            try AAM.succeed(AAM.training(into: folder("run"), ["--epochs=1", "--resume=never"]))
            try Curves(folder("run")).expect(
                "train/loss", try Metrics(folder("run")).steps.map { ($0.step, $0.loss) })
            _ = try eventFile(of: folder("run"))
        }
    }
}
