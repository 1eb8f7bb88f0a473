import Foundation
import Training

/// Rank 0's observer: the run folder's `metrics.csv` and `log.txt`, and the progress lines.
public final class RunReporter: TrainingObserver {
    private let folder: String
    private let logEvery: Int
    private let log: RunLog
    private var metrics: MetricsFile?
    private var line = ProgressLine()

    /// - Parameters:
    ///   - folder: the run folder, which exists.
    ///   - logEvery: steps between progress lines.
    /// - Throws: `ReportError`.
    public init(folder: String, logEvery: Int) throws {
        self.folder = folder
        self.logEvery = logEvery
        log = try RunLog(path: "\(folder)/log.txt")
    }

    public func started(atStep step: Int) throws {
        metrics = try MetricsFile(path: "\(folder)/metrics.csv", continuingAfter: step)
    }

    public func finished(_ record: StepRecord) throws {
        try metrics?.append(record)
        line.add(record)
        if record.step % logEvery == 0 || record.stepInEpoch == record.stepsPerEpoch {
            try log.write(line.take(record))
        }
    }

    public func finished(_ record: ValidationRecord) throws {
        try metrics?.append(record)
        try log.write(ProgressLine.validation(record))
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

    public func started(atStep step: Int) {}
    public func finished(_ record: StepRecord) {}
    public func finished(_ record: ValidationRecord) {}
    public func note(_ message: String) {}

    public func warning(_ message: String) {
        FileHandle.standardError.write(Data("warning: rank \(rank): \(message)\n".utf8))
    }
}
