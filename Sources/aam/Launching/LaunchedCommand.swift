import ArgumentParser
import Foundation
import Launching
import Training

/// A command of this program that `aam launch` brings to its end.
struct LaunchedCommand: SupervisedJob {
    /// The command and its options, as they were given.
    private let arguments: [String]
    /// What is known of a training.
    private let training: Train?
    private let latestAtStart: LatestLink?

    /// - Throws: `ValidationError` with what is wrong with the arguments; the request for help, if that is what they are.
    init(_ arguments: [String]) throws {
        self.arguments = arguments
        let command: any ParsableCommand
        do {
            command = try AAM.parseAsRoot(try ConfigurationArguments(arguments).expanded)
        } catch {
            if AAM.exitCode(for: error).isSuccess { throw error }
            throw ValidationError("aam \(arguments.joined(separator: " ")): \(AAM.message(for: error))")
        }
        if command is Launch { throw ValidationError("aam launch does not start itself.") }
        training = command as? Train
        latestAtStart = LatestLink(training?.options.run.output)
    }

    /// The run folder, for a training.
    var output: String? { training?.options.run.output }
    /// Images a step on each rank, where the command says it so.
    var batchSizePerRank: Int? { training?.options.optimization.batchSizePerRank }

    /// With `--resume auto` from the first checkpoint of this launch on, and before it, unless something else was given.
    private var resume: ResumeChoice {
        guard let given = training?.resume, LatestLink(output) == latestAtStart else { return .auto }
        return ResumeChoice(given)
    }

    // MARK: SupervisedJob

    var words: [String] {
        // The last of an option's values counts.
        let resuming = training != nil && resume == .auto ? ["--resume=auto"] : []
        return [Self.executable] + arguments + resuming
    }

    var step: Int? { state?.step }

    var isOver: Bool {
        guard resume == .auto, let state, let training else { return false }
        // The number of ranks is of no importance here. A mistake is the training's own to report.
        guard let configuration = try? training.options.configuration(ranks: 1) else { return false }
        return state.isEnd(of: configuration)
    }

    private var state: TrainingState? {
        guard let output else { return nil }
        return (try? CheckpointStore(directory: output).resolve(resume))?.checkpoint.state
    }

    /// It must lie at the same path on every host.
    private static let executable =
        (try? FileManager.default.destinationOfSymbolicLink(atPath: "/proc/self/exe")) ?? CommandLine.arguments[0]
}

/// The link to a run's latest checkpoint, which each new checkpoint replaces by another.
private struct LatestLink: Equatable {
    private let file: UInt64
    private let seconds: Int
    private let nanoseconds: Int

    /// - Parameter folder: of the run.
    /// - Returns: nil if there is none.
    init?(_ folder: String?) {
        var status = stat()
        guard let folder, lstat("\(folder)/\(CheckpointStore.latestName)", &status) == 0 else { return nil }
        file = UInt64(status.st_ino)
        (seconds, nanoseconds) = (Int(status.st_ctim.tv_sec), Int(status.st_ctim.tv_nsec))
    }
}
