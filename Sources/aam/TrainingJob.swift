import Collectives
import Datasets
import Models
import Reporting
import Tracing
import Training
import Watching

/// One training run from its data to its last checkpoint, as `aam train` and `aam ablate` do it.
struct TrainingJob {
    let configuration: TrainingConfiguration
    /// `--resume`, nil if it was not given.
    let resume: String?
    var trace: TraceRequest?
    /// What lines on the terminal begin with, where several runs write to it.
    var title: String?
    let watch: JobWatch

    /// - Parameter threads: that this rank computes with; nil for its share of the processors.
    /// - Throws: what ends the run before its end.
    @discardableResult
    func run(on communicator: any Communicator, threads given: Int? = nil) throws -> TrainingSummary {
        // Before anything is written, what would fail later: the data, then the model and its batch.
        let recorder: SpanRecorder? = watch.recorder
        let dataset = try communicator.agreeing("reading the data set") {
            try recorder.span("read the data set", "start") { try configuration.readDataset() }
        }
        let folder = RunFolder(path: configuration.output)
        try communicator.agreeing("preparing the run folder") {
            if communicator.rank == 0 { try folder.prepare(resume: resume) }
        }
        let reporter: any TrainingObserver = try communicator.agreeing("opening the log") {
            guard communicator.rank == 0 else { return WarningReporter(rank: communicator.rank) }
            return try recorder.span("open the log", "start") { try RunReporter(configuration, title: title) }
        }
        let observer = WatchedObserver(reporter, watch: watch, folder: configuration.output)
        let threads =
            try given ?? communicator.computeThreads(requested: configuration.threads, warn: observer.warning)
        let trainer = try communicator.agreeing("making the model") {
            try recorder.span("make the model", "start") {
                try Trainer(
                    configuration, dataset: dataset, communicator: communicator, observer: observer, threads: threads,
                    recorder: watch.recorder, stop: { [watch] in watch.stop })
            }
        }
        let classes = dataset.classNames.count
        try observer.note(
            "\(dataset.name): \(dataset.train.count) training and \(dataset.test.count) \(dataset.validationSplit.rawValue)"
                + " images, \(classes) classes")
        if communicator.rank == 0 { for warning in dataset.warnings { try observer.warning(warning) } }
        try observer.note(
            "\(trainer.model.title), ranks: \(communicator.size), global batch: \(configuration.batchSize), "
                + "backend: \(trainer.model.backend.name), threads a rank: \(trainer.model.backend.threads)")
        let summary = try trainer.run(resume: ResumeChoice(resume ?? "auto"), trace: trace)
        try observer.note(summary.text(folder: configuration.output))
        return summary
    }
}

extension TrainingSummary {
    fileprivate func text(folder: String) -> String {
        var parts = [
            "finished \(steps) steps in \(ProgressLine.duration(seconds))",
            String(format: "%.1f training images/s", imagesPerSecond),
        ]
        if let bestTop1, let bestStep {
            parts.append(String(format: "best top-1 %.2f %% at step %d", 100 * bestTop1, bestStep))
        }
        if skippedImages > 0 { parts.append("\(skippedImages) unreadable images skipped") }
        return parts.joined(separator: ", ") + ": \(folder)/best"
    }
}
