import Collectives
import Foundation
import Reporting
import Training
import Watching

/// Trains the variants of an ablation, dealt to groups of ranks in turn, and writes the tables.
struct AblationJob {
    let runs: [VariantRun]
    /// The folder of the tables.
    let output: String
    /// Ranks that train a variant.
    let groupSize: Int
    let showing: OutputArguments
    let watch: JobWatch

    /// - Throws: `JobFailure` that names the variant that failed: the first one if there are several ranks, else all of
    ///   them after the last variant.
    func run(on communicator: any Communicator) throws {
        try communicator.agreeing("preparing \(output)") {
            guard communicator.rank == 0 else { return }
            try FileManager.default.createDirectory(atPath: output, withIntermediateDirectories: true)
        }
        let warnings = WarningReporter(rank: communicator.rank)
        let requested = runs.first?.configuration.threads ?? 0
        // Over all ranks, because groups share processors.
        let threads = try communicator.computeThreads(requested: requested, warn: warnings.warning)
        let groups = communicator.size / groupSize
        let group = communicator.rank / groupSize
        let part = groups == 1 ? communicator : try communicator.split(color: group)
        var table = AblationTable(runs.map(\.variant))
        var interruption: JobInterruption?
        for index in stride(from: group, to: runs.count, by: groups) {
            let run = runs[index]
            let console = showing.console(title: run.variant.name, isShared: groups > 1)
            if part.rank == 0 { console.write(.note("variant \(index + 1) of \(runs.count)")) }
            do {
                let result = try run.finish(on: part, threads: threads, console: console, watch: watch)
                table.set(.finished(result), at: index)
            } catch let error as JobInterruption {
                // Other groups may be through with theirs: all meet at the table.
                interruption = error
                break
            } catch  where communicator.size == 1 {
                let failure = JobFailure(error)
                console.write(.warning("failed: \(failure.description)"))
                table.set(.failed(failure.description), at: index)
            } catch let error as any CommunicationFailure {
                throw error
            } catch {
                // Not as what all ranks agreed on: other groups know nothing of it.
                let failure = JobFailure(error)
                throw JobFailure(
                    "variant \(run.variant.name): \(failure.description)", place: failure.place,
                    hint: failure.hint
                        ?? "mend the cause and give the same command again: finished variants are skipped",
                    exitCode: failure.exitCode)
            }
            if groups == 1 { try write(table, on: communicator) }
        }
        if groups > 1 { try write(try gathered(table, part, on: communicator), on: communicator) }
        let signal = try communicator.allreduce(interruption?.signal.rawValue ?? 0, .max)
        if let signal = StopSignal(rawValue: signal) { throw JobInterruption(signal, host: communicator.host) }
        if communicator.rank == 0 { showing.console.write(.comparison(table.markdown, folder: output)) }
        try report(table)
    }

    /// Rank 0 gets the results of all groups.
    private func gathered(
        _ table: AblationTable, _ part: any Communicator, on communicator: any Communicator
    ) throws -> AblationTable {
        var own: [Double] = []
        if part.rank == 0 {
            for (index, outcome) in table.outcomes {
                if case .finished(let result) = outcome {
                    own += [Double(index), result.top1, result.top5, result.bestTop1]
                }
            }
        }
        var all = table
        for numbers in try communicator.gather(own, to: 0) {
            for start in stride(from: 0, to: numbers.count, by: 4) {
                let result = VariantResult(
                    top1: numbers[start + 1], top5: numbers[start + 2], bestTop1: numbers[start + 3])
                all.set(.finished(result), at: Int(numbers[start]))
            }
        }
        return all
    }

    private func write(_ table: AblationTable, on communicator: any Communicator) throws {
        try communicator.agreeing("writing the tables") {
            guard communicator.rank == 0 else { return }
            try replaceText("\(output)/ablation.csv", with: table.csv)
            try replaceText("\(output)/ablation.md", with: table.markdown)
        }
    }

    private func report(_ table: AblationTable) throws {
        let failed = runs.indices.compactMap { index in
            if case .failed(let message) = table.outcomes[index] {
                "\(runs[index].variant.name): \(message)"
            } else {
                nil
            }
        }
        guard !failed.isEmpty else { return }
        throw JobFailure(
            "\(failed.count) of \(runs.count) variants failed: \(failed.joined(separator: "; "))",
            hint: "mend the cause and give the same command again: finished variants are skipped")
    }
}
