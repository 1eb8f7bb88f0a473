import Foundation
import Testing

extension Command {
    @Suite struct BenchmarkCheckpoint {
        @Test func stallAndWriteStandBesideTheirLimits() throws {
            let folder = try TemporaryFolder()
            let json = folder("checkpoint.json")
            let output = folder("disk")
            try FileManager.default.createDirectory(atPath: output, withIntermediateDirectories: true)
            let result = try AAM.succeed([
                "benchmark", "checkpoint", "--model=resnet18", "--classes=4", "--image-size=64",
                "--batch-size-per-rank=2", "--steps=1", "--repetitions=2", "--threads=1", "--output=\(output)",
                "--json=\(json)",
            ])
            let figures = try BenchmarkFigure.read(json)
            #expect(figures.map(\.name) == ["stall", "write", "writing", "stall in training steps"])
            #expect(figures.map(\.unit) == ["s", "s", "MB/s", "steps"])
            #expect(figures.map { $0.limit != nil } == [true, true, true, false])
            #expect(figures.allSatisfy { $0.value > 0 && $0.limit ?? 1 > 0 })
            #expect(result.stdout.split(separator: "\n").count == figures.count)
            // Parameters and momenta of 11.2 million floats each.
            let megabytes = figures[1].value * figures[2].value
            #expect(megabytes > 89 && megabytes < 91)
            #expect(try names(in: output) == [], "what was written is removed")
        }

        @Test func folderThatCannotBeWrittenIsNamed() throws {
            let folder = try TemporaryFolder()
            let file = try folder.write("file", "")
            let result = try AAM.run(["benchmark", "checkpoint", "--model=resnet18", "--output=\(file)"])
            #expect(result.status == 1)
            let banner = try Banner(result, ranks: nil)
            #expect(
                banner.what.hasPrefix("cannot create folder \(file)/")
                    && banner.what.contains("Not a directory (errno 20)"),
                "\(banner.what)")
        }
    }
}
