import Foundation
import Safetensors
import Testing

extension Command {
    @Suite struct BenchmarkStep {
        private struct Figure: Decodable {
            let name: String
            let value: Double
            let unit: String
            let limit: Double?
        }

        @Test(arguments: [nil, 2])
        func everyFigureStandsInTheOutputAndInTheFile(ranks: Int?) throws {
            let folder = try TemporaryFolder()
            let (json, problem) = (folder("step.json"), folder("problem.safetensors"))
            let result = try AAM.succeed(
                [
                    "benchmark", "step", "--model=resnet18", "--image-size=64", "--batch-size-per-rank=4",
                    "--threads=1",
                    "--repetitions=1", "--json=\(json)", "--problem=\(problem)",
                ], ranks: ranks)
            let figures = try JSONDecoder().decode([Figure].self, from: Data(contentsOf: URL(filePath: json)))
            #expect(figures.map(\.name) == ["training step", "training", "inference", "peak resident memory"])
            #expect(result.stdout.split(separator: "\n").count == figures.count)
            for figure in figures {
                #expect(figure.value > 0 && result.stdout.contains("\(figure.name) "), "\(figure)")
            }
            // The images of all ranks in the time of the slowest.
            let images = Double(4 * (ranks ?? 1))
            #expect(abs(figures[0].value * figures[1].value - images) < 1e-6 * images)

            let file = try SafetensorsFile.read(problem)
            let losses = try file.float64("losses").values
            #expect(losses.count == 2 && losses[1] < losses[0])
            #expect(try file.float32("images").shape == [4, 3, 64, 64])
            #expect(file.metadata["model"] == "resnet18")
        }
    }
}
