import ArgumentParser
import Reporting

extension Console.Format: ExpressibleByArgument {}

/// What standard output shows of a run.
struct OutputArguments: ParsableArguments {
    @Flag(name: .shortAndLong, help: "Only warnings, and how it ended.") var quiet = false
    @Flag(name: .shortAndLong, help: "A line for each step, and the options that are not as they are by default.")
    var verbose = false
    @Option(help: "Lines for people, or a JSON object a line for programs.") var logFormat: Console.Format = .text

    func validate() throws {
        if quiet && verbose { throw ValidationError("--quiet and --verbose contradict each other: give one of them.") }
    }

    /// Standard output so.
    var console: Console { console(title: nil) }

    /// Standard output so, for one of several runs.
    /// - Parameter isShared: whether other processes write there meanwhile.
    func console(title: String?, isShared: Bool = false) -> Console {
        Console(quiet ? .quiet : verbose ? .verbose : .normal, format: logFormat, title: title, isShared: isShared)
    }
}
