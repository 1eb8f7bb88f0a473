import ArgumentParser
import Kernels

/// What `aam doctor` starts in a process of its own, as it may end by a signal.
struct TryInstructions: ParsableCommand {
    static let name = "try-instructions"
    static let configuration = CommandConfiguration(
        commandName: name, abstract: "Compute with instructions that this processor may not have.", shouldDisplay: false
    )

    @Argument var trial: InstructionTrial

    func run() throws {
        throw trial.isCorrect() ? ExitCode.success : ExitCode.failure
    }
}

extension InstructionTrial: ExpressibleByArgument {}
