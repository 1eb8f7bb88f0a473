import Foundation
import Testing

extension Command {
    @Suite struct BenchmarkData {
        private let small = ["--image-size=48", "--batch-size-per-rank=8", "--repetitions=1", "--threads=1"]

        @Test(arguments: aloneAndTwoRanks) func loadingStandsBesideItsLimits(ranks: Int?) throws {
            let folder = try TemporaryFolder()
            let json = folder("data.json")
            let result = try AAM.succeed(
                [
                    "benchmark", "data", "--data=\(Birds.folder)", "--model=resnet18", "--steps=2",
                    "--loader-threads=2",
                    "--json=\(json)",
                ] + small, ranks: ranks)
            let figures = try BenchmarkFigure.read(json)
            #expect(figures.map(\.name) == ["loading", "loading", "data wait"])
            #expect(figures.map(\.limitName) == ["JPEG decoding alone", "reading the files alone", nil])
            #expect(figures[..<2].allSatisfy { $0.value > 0 && $0.unit == "images/s" && $0.limit ?? 0 > 0 })
            #expect(figures[2].value >= 0 && figures[2].value < 100 && figures[2].unit == "% of a training step")
            #expect(result.stdout.split(separator: "\n").count == figures.count)
        }

        @Test func makesItsOwnImagesWithoutData() throws {
            let temporary = FileManager.default.temporaryDirectory.path
            func leftovers() throws -> [String] { try names(in: temporary).filter { $0.hasPrefix("aam-benchmark-") } }
            let before = try leftovers()
            let result = try AAM.succeed(["benchmark", "data", "--images=16"] + small)
            #expect(result.stdout.split(separator: "\n").count == 2)
            #expect(try leftovers() == before)
        }

        @Test(arguments: aloneAndTwoRanks) func unreadableImageIsNamed(ranks: Int?) throws {
            let folder = try TemporaryFolder()
            let birds = try Birds.copy(into: folder)
            for image in try Birds.images(isTraining: true, of: birds) {
                try Data("no image".utf8).write(to: URL(filePath: "\(birds)/images/\(image.path)"))
            }
            let result = try AAM.run(["benchmark", "data", "--data=\(birds)"] + small, ranks: ranks)
            #expect(result.status > 0 && result.status < 128)
            #expect(try Banner(result, ranks: ranks).what.hasPrefix("\(birds)/images/"))
        }
    }
}
