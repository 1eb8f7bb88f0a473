import Foundation
import Safetensors
import Testing

extension Command {
    @Suite struct BenchmarkStep {
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
            let figures = try BenchmarkFigure.read(json)
            #expect(
                figures.map(\.name) == ["training step", "training", "inference", "peak resident memory of training"])
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

extension Command {
    @Suite struct BenchmarkAllreduce {
        /// Two ranks of one host and of two, alone and with compressed messages.
        @Test(
            arguments: [
                (nil, [:], "float32"), (2, [:], "float32"), (2, ["AAM_RANKS_PER_NODE": "1"], "float32"),
                (2, ["AAM_RANKS_PER_NODE": "1"], "bfloat16"),
            ] as [(Int?, [String: String], String)])
        func everySizeIsMeasuredBesideItsLimit(ranks: Int?, environment: [String: String], wire: String) throws {
            let folder = try TemporaryFolder()
            let json = folder("allreduce.json")
            let result = try AAM.succeed(
                ["benchmark", "allreduce", "--mebibytes=3", "--wire=\(wire)", "--json=\(json)"], ranks: ranks,
                environment: environment)
            let figures = try BenchmarkFigure.read(json)
            let own = ["allreduce of", "bandwidth at"]
            let kinds = ranks == nil ? own : own + ["MPI_Allreduce of", "MPI_Allreduce's time over ours at"]
            let names = ["8 B", "1 KiB", "64 KiB", "1 MiB", "3 MiB"].flatMap { size in kinds.map { "\($0) \(size)" } }
            #expect(figures.map(\.name) == names)
            #expect(result.stdout.split(separator: "\n").count == figures.count)
            for figure in figures {
                #expect(figure.value > 0 && result.stdout.contains("\(figure.name) "), "\(figure)")
                #expect((figure.limit != nil) == own.contains { figure.name.hasPrefix($0) }, "\(figure)")
            }
            // Bytes in the time, in milliseconds and in GB/s.
            #expect(abs(figures[0].value * figures[1].value - 8e-6) < 1e-12)
        }
    }
}

extension Command {
    @Suite struct BenchmarkKernels {
        /// Three passes of every convolution but the first, which has no input gradient, and ten passes over each shape.
        @Test func everyKernelStandsBesideItsLimit() throws {
            let folder = try TemporaryFolder()
            let json = folder("kernels.json")
            let result = try AAM.succeed([
                "benchmark", "kernels", "--model=resnet18", "--image-size=32", "--batch-size-per-rank=2",
                "--threads=1", "--repetitions=1", "--json=\(json)",
            ])
            let figures = try BenchmarkFigure.read(json)
            let (convolutions, passes) = (figures.filter { $0.unit == "GFLOP/s" }, figures.filter { $0.unit == "GB/s" })
            // Geometries: the stem, and of each stage the 3x3 convolution and, after the first, two that halve.
            #expect(convolutions.count == 3 * 11 - 1)
            #expect(passes.count == 10 * 5)
            #expect(convolutions.count + passes.count == figures.count)
            #expect(convolutions[0].name == "conv 7x7/2 3->64 at 32x32 forward")
            for figure in figures {
                #expect(figure.value > 0 && figure.limit ?? 0 > 0, "\(figure)")
                #expect(result.stdout.contains("\(figure.name) "), "\(figure)")
            }
            #expect(Set(figures.map(\.name)).count == figures.count)
        }
    }
}
