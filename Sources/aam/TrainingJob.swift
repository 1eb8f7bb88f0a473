import Collectives
import Datasets
import Diagnosis
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
    var console = Console()
    let watch: JobWatch

    /// - Parameter threads: that this rank computes with; nil for its share of the processors.
    /// - Throws: what ends the run before its end.
    @discardableResult
    func run(on communicator: any Communicator, threads given: Int? = nil) throws -> TrainingSummary {
        // Before anything is written, what would fail later: the data, then the model and its batch.
        let recorder: SpanRecorder? = watch.recorder
        if communicator.rank == 0 { show("reading the data set", 0) }
        let dataset = try communicator.agreeing("reading the data set") {
            try recorder.span("read the data set", "start") { try configuration.readDataset() }
        }
        let folder = RunFolder(path: configuration.output)
        try communicator.agreeing("preparing the run folder") {
            if communicator.rank == 0 { try folder.prepare(resume: resume) }
        }
        let reporter = try communicator.agreeing("opening the log") {
            communicator.rank == 0
                ? try recorder.span("open the log", "start") { try RunReporter(configuration, console: console) } : nil
        }
        let observer = WatchedObserver(
            reporter ?? WarningReporter(rank: communicator.rank), watch: watch, folder: configuration.output)
        let threads =
            try given ?? communicator.computeThreads(requested: configuration.threads, warn: observer.warning)
        let environment = try RunEnvironment.observed(
            on: communicator, version: AAM.configuration.version, threads: threads)
        reporter?.environment = environment
        if communicator.rank == 0 { show("making the model", 1) }
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
        showChoices(on: communicator)
        return try trainer.run(resume: ResumeChoice(resume ?? "auto"), trace: trace)
    }

    /// The options that are not as they are by default, for those who want to know.
    private func showChoices(on communicator: any Communicator) {
        guard communicator.rank == 0 else { return }
        let usual = TrainingConfiguration(data: configuration.data, output: configuration.output).options
        for (option, value) in configuration.options.sorted(by: { $0.key < $1.key }) where usual[option] != value {
            console.write(.detail("--\(option) \(value)"))
        }
    }

    private func show(_ preparation: String, _ done: Int) {
        console.show(ProgressLine.bar(PhaseProgress(.preparation(preparation), done: done, of: 3)))
    }
}
