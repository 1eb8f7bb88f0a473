import Foundation
import TestSupport
import Testing

/// All tests of the command. One at a time: each job has the machine's few cores to itself.
@Suite(.serialized, .timeLimit(.minutes(5)))
enum Command {}

/// The command as a user starts it: the built binary, alone or by mpirun.
enum AAM {
    /// - Parameter ranks: how many mpirun starts; nil to start the program without it.
    static func run(
        _ arguments: [String], ranks: Int? = nil, environment: [String: String] = [:], timeout: Double = 120
    ) throws -> CommandResult {
        let binary = try builtProduct("aam")
        guard let ranks else {
            return try runCommand(binary, arguments: arguments, environment: environment, timeout: timeout)
        }
        return try mpirun(ranks: ranks, binary, arguments: arguments, environment: environment, timeout: timeout)
    }

    /// Runs a command that should succeed and have nothing to complain of.
    @discardableResult
    static func succeed(
        _ arguments: [String], ranks: Int? = nil, environment: [String: String] = [:],
        sourceLocation: SourceLocation = #_sourceLocation
    ) throws -> CommandResult {
        let result = try run(arguments, ranks: ranks, environment: environment)
        try #require(result.status == 0, "\(result.stdout)\(result.stderr)", sourceLocation: sourceLocation)
        // More ranks than cores and small data sets, as tests have them, are warned of.
        let complaints = result.stderr.split(separator: "\n").filter { line in
            !line.contains("which slows every step") && !line.contains("this is not the official ")
        }
        #expect(complaints == [], sourceLocation: sourceLocation)
        return result
    }

    /// The arguments that train for about a second: 8 steps, unless `options` say otherwise.
    static func training(on data: String = Birds.folder, into folder: String, _ options: [String] = []) -> [String] {
        let small = [
            "--image-size=32", "--batch-size=8", "--epochs=2", "--learning-rate=0.01", "--threads=1", "--log-every=3",
        ]
        func name(_ option: String) -> Substring { option.prefix { $0 != "=" } }
        let given = Set(options.map(name))
        return ["train", "--data=\(data)", "--output=\(folder)"] + small.filter { !given.contains(name($0)) } + options
    }

    /// The arguments that evaluate on one thread a rank.
    static func evaluation(of checkpoint: String, on data: String = Birds.folder, _ options: [String] = []) -> [String]
    {
        ["evaluate", "--checkpoint=\(checkpoint)", "--data=\(data)", "--threads=1"] + options
    }
}
