import ArgumentParser
import Collectives
import Foundation

@main
enum Main {
    static func main() {
        do {
            let arguments = try ConfigurationArguments(Array(CommandLine.arguments.dropFirst())).expanded
            var command = try AAM.parseAsRoot(arguments)
            try command.run()
        } catch {
            exit(with: error)
        }
    }

    /// Under mpirun every rank meets the same mistake in the command line: rank 0 alone tells of it.
    private static func exit(with error: any Error) -> Never {
        let code = AAM.exitCode(for: error)
        if ProcessInfo.processInfo.environment["OMPI_COMM_WORLD_RANK"] ?? "0" != "0" {
            if code.isSuccess { AAM.exit(withError: code) }
            // The first rank that exits ends the others, so rank 0 is left to be the first. A rank that still lives
            // then has a mistake of its own, such as a configuration file that is not on its host.
            Thread.sleep(forTimeInterval: 5)
        }
        if code.isSuccess { AAM.exit(withError: error) }
        let message = AAM.fullMessage(for: error)
        if !message.isEmpty { FileHandle.standardError.write(Data((Suggestion.complete(message) + "\n").utf8)) }
        Foundation.exit(code.rawValue)
    }
}

struct AAM: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "aam",
        abstract: "Trains and evaluates fine-grained image classifiers data-parallel over a cluster.",
        discussion: """
            Under mpirun every rank runs the same command:

              mpirun -n 64 --hostfile hosts aam train --dataset cub --data CUB_200_2011 --output runs/cub
            """,
        version: "0.1.0",
        subcommands: [
            Train.self, Evaluate.self, Predict.self, Explain.self, Report.self, Export.self, Ablate.self, Launch.self,
            Inspect.self, Synthesize.self, Benchmark.self, Plan.self, Doctor.self,
            TryInstructions.self,
        ])
}
