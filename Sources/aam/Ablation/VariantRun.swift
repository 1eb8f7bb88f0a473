import Collectives
import Reporting
import Training
import Watching

/// A variant, its configuration and how far its run has come.
struct VariantRun {
    let variant: Variant
    let configuration: TrainingConfiguration

    /// Options that change nothing of what is computed, so that another value may finish a run.
    private static let neutral: Set<String> = [
        "output", "data", "threads", "loader-threads", "bucket-mebibytes", "overlap", "keep-checkpoints", "log-every",
        "checkpoint-every", "checkpoint-minutes", "checkpoint-epochs",
    ]

    /// Trains the variant from where its run stands; a finished one is only read.
    /// - Parameters:
    ///   - console: shows the run.
    ///   - watch: over the whole job.
    /// - Returns: its accuracy, on every rank.
    /// - Throws: what ends the run; `JobFailure` if the folder has a run with other options.
    func finish(
        on communicator: any Communicator, threads: Int, console: Console, watch: JobWatch
    ) throws -> VariantResult {
        let isOver = try communicator.agreeing("looking for a run in \(configuration.output)") {
            communicator.rank == 0 ? try isFinished() : false
        }
        if try communicator.broadcast(isOver ? "finished" : "", from: 0).isEmpty {
            try TrainingJob(configuration: configuration, resume: "auto", console: console, watch: watch)
                .run(on: communicator, threads: threads)
        } else if communicator.rank == 0 {
            console.write(.note("finished already"))
        }
        let found = try communicator.agreeing("reading the metrics in \(configuration.output)") {
            communicator.rank == 0 ? try result() : VariantResult(top1: 0, top5: 0, bestTop1: 0)
        }
        var numbers = [found.top1, found.top5, found.bestTop1]
        try communicator.broadcast(&numbers, from: 0)
        return VariantResult(top1: numbers[0], top5: numbers[1], bestTop1: numbers[2])
    }

    private func isFinished() throws -> Bool {
        let store = CheckpointStore(directory: configuration.output)
        guard let state = try store.resolve(.auto)?.checkpoint.state else { return false }
        let options = configuration.options
        for (option, was) in state.configuration.sorted(by: { $0.key < $1.key }) where !Self.neutral.contains(option) {
            guard let given = options[option], given != was else { continue }
            throw JobFailure(
                "\(configuration.output) has a run with --\(option) \(was), not \(given)",
                hint: "give another --output, or --\(option) \(was)")
        }
        return state.isEnd(of: configuration)
    }

    private func result() throws -> VariantResult {
        let path = "\(configuration.output)/metrics.csv"
        let validations = try MetricsFile.validations(path: path)
        guard let last = validations.last else {
            throw JobFailure(
                "\(path) has no validation, though its run is finished",
                hint: "remove the folder \(configuration.output) to train the variant anew")
        }
        return VariantResult(top1: last.top1, top5: last.top5, bestTop1: validations.map(\.top1).max() ?? last.top1)
    }
}

/// The accuracy of a finished variant.
struct VariantResult: Hashable {
    /// After the last epoch.
    let top1, top5: Double
    /// The best of all validations, which the test images chose.
    let bestTop1: Double
}
