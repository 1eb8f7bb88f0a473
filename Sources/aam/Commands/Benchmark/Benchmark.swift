import ArgumentParser

struct Benchmark: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "benchmark",
        abstract: "Measure this machine: each figure beside its limit, measured in the same run.",
        discussion: """
              aam benchmark step --model resnet50
              mpirun -n 2 aam benchmark allreduce
            """,
        subcommands: [
            BenchmarkStep.self, BenchmarkKernels.self, BenchmarkAllreduce.self, BenchmarkData.self,
            BenchmarkCheckpoint.self,
        ])
}
