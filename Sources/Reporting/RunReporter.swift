import Foundation
import Training

/// Rank 0's observer: the run folder's `config.toml`, `metrics.csv` and `log.txt`, and the progress lines.
public final class RunReporter: TrainingObserver {
    private let configuration: TrainingConfiguration
    private let log: RunLog
    private var metrics: MetricsFile?
    private var line = ProgressLine()

    /// - Parameters:
    ///   - configuration: of the run, whose folder exists.
    ///   - title: what lines on standard output begin with.
    /// - Throws: `ReportError`.
    public init(_ configuration: TrainingConfiguration, title: String? = nil) throws {
        self.configuration = configuration
        log = try RunLog(path: "\(configuration.output)/log.txt", title: title)
    }

    /// Only now is it certain that the run goes on with this configuration, so that an attempt that is refused leaves
    /// the earlier one's files as they are.
    public func started(atStep step: Int, validating: Bool) throws {
        let folder = configuration.output
        try TextFile.replace("\(folder)/config.toml", with: configuration.toml)
        metrics = try MetricsFile(path: "\(folder)/metrics.csv", continuingAfter: step, validating: validating)
    }

    public func ready() throws {
        guard let seconds = ProcessAge.seconds else { return }
        try log.write(String(format: "ready in %.1f s", seconds))
    }

    public func finished(_ record: StepRecord) throws {
        try metrics?.append(record)
        line.add(record)
        if record.step % configuration.logEvery == 0 || record.stepInEpoch == record.stepsPerEpoch {
            try log.write(line.take(record))
        }
    }

    public func finished(_ record: ValidationRecord) throws {
        try metrics?.append(record)
        for line in ProgressLine.validation(record) { try log.write(line) }
    }

    public func note(_ message: String) throws {
        try log.write(message)
    }

    public func warning(_ message: String) throws {
        try log.write("warning: \(message)")
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
