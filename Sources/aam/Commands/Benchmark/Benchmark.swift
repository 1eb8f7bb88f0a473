import ArgumentParser
import Benchmarking
import Foundation
import Reporting

struct Benchmark: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "benchmark",
        abstract: "Measure this machine: each figure beside its limit, measured in the same run.",
        subcommands: [BenchmarkStep.self, BenchmarkAllreduce.self])
}

extension [Figure] {
    /// Prints one a line, and writes them all to a file if it is named.
    func report(json: String?) throws {
        for figure in self { printLine(figure.description) }
        if let json { try JSONEncoder().encode(self).write(to: URL(filePath: json), options: .atomic) }
    }
}
