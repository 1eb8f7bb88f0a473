import Foundation
import Training

/// Rank 0's observer: the run folder's `config.toml`, `environment.jsonl`, `metrics.csv`, `log.txt` and TensorBoard's
/// events, and what standard output shows.
public final class RunReporter: TrainingObserver {
    /// Where the run is started.
    public var environment: RunEnvironment?
    private let configuration: TrainingConfiguration
    private let console: Console
    private let log: RunLog
    private var metrics: MetricsFile?
    private var events: EventsFile?
    private var line = ProgressLine()
    private var metricsPath: String { "\(configuration.output)/metrics.csv" }

    /// - Parameter configuration: of the run, whose folder exists.
    /// - Throws: `ReportError`.
    public init(_ configuration: TrainingConfiguration, console: Console = Console()) throws {
        self.configuration = configuration
        self.console = console
        log = try RunLog(path: "\(configuration.output)/log.txt")
    }

    /// Only now is it certain that the run goes on with this configuration, so that an attempt that is refused leaves
    /// the earlier one's files as they are.
    public func started(atStep step: Int, validating: Bool) throws {
        try TextFile.replace("\(configuration.output)/config.toml", with: configuration.toml)
        environment?.step = step
        try environment?.write(to: configuration.output)
        metrics = try MetricsFile(path: metricsPath, continuingAfter: step, validating: validating)
        events = try EventsFile(folder: configuration.output, continuingAfter: step, validating: validating)
    }

    public func ready() throws {
        guard let seconds = ProcessAge.seconds else { return }
        try report(.ready(seconds: seconds))
    }

    public func finished(_ record: StepRecord) throws {
        try metrics?.append(record)
        try events?.append(record)
        line.add(record)
        let isDue = configuration.isLogged(
            step: record.step, stepInEpoch: record.stepInEpoch, of: record.stepsPerEpoch)
        console.show(line.bar(record))
        try report(.step(record, line: isDue ? line.take(record) : line.text(record), isDue: isDue))
    }

    public func finished(_ record: ValidationRecord) throws {
        try metrics?.append(record)
        try events?.append(record)
        try report(.validation(record))
    }

    public var attentionImages: Int { 4 }

    public func looked(at view: AttentionView) throws { try events?.append(view) }

    public func finished(_ summary: TrainingSummary) throws {
        console.clear()
        let validations = try MetricsFile.validations(path: metricsPath)
        try report(.finished(RunSummary(summary, folder: configuration.output, validations: validations)))
    }

    public func note(_ message: String) throws { try report(.note(message)) }

    public func warning(_ message: String) throws { try report(.warning(message)) }

    /// What only `--verbose` shows.
    public func detail(_ message: String) throws { try report(.detail(message)) }

    public func came(to progress: PhaseProgress) { console.show(ProgressLine.bar(progress)) }

    /// Shows the event as far as it is wanted; `log.txt` has it as if nothing special were.
    private func report(_ event: RunEvent) throws {
        console.write(event)
        guard event.importance >= .usual else { return }
        for line in event.lines { try log.write(line) }
    }
}

/// The other ranks' observer: warnings only, on standard error.
public final class WarningReporter: TrainingObserver {
    private let rank: Int

    public init(rank: Int) {
        self.rank = rank
    }

    public func started(atStep step: Int, validating: Bool) {}
    public func ready() {}
    public func finished(_ record: StepRecord) {}
    public func finished(_ record: ValidationRecord) {}
    public func note(_ message: String) {}

    public func warning(_ message: String) {
        FileHandle.standardError.write(Data("warning: rank \(rank): \(message)\n".utf8))
    }
}
