import Foundation
import Training

/// Words a run's progress for people.
public struct ProgressLine {
    private var images = 0
    private var seconds = 0.0
    private var waited = 0.0

    public init() {}

    /// Counts a step into the next line's rates.
    public mutating func add(_ record: StepRecord) {
        images += record.images
        seconds += record.seconds
        waited += record.dataWaitSeconds
    }

    /// The line for the last step, with rates over all steps since the line before.
    public mutating func take(_ record: StepRecord) -> String {
        defer { self = ProgressLine() }
        return text(record)
    }

    /// The line for the last step, with rates over all steps since the last one that was taken.
    public func text(_ record: StepRecord) -> String {
        [
            "epoch \(record.epoch + 1)/\(record.epochs)",
            "step \(record.stepInEpoch)/\(record.stepsPerEpoch)",
            loss(record), learningRate(record), rate, dataWait, remaining(record),
        ].joined(separator: "  ")
    }

    private func loss(_ record: StepRecord) -> String { String(format: "loss %.4f", record.loss) }
    private func learningRate(_ record: StepRecord) -> String { String(format: "lr %.3g", record.learningRate) }
    private var rate: String { String(format: "%.1f images/s", Double(images) / max(seconds, 1e-9)) }
    private var dataWait: String { String(format: "data wait %.1f %%", 100 * waited / max(seconds, 1e-9)) }
    private func remaining(_ record: StepRecord) -> String {
        "ETA \(record.remainingSeconds.map(Self.duration) ?? "-")"
    }

    /// The epoch so far, as a bar with the figures of its last step.
    public func bar(_ record: StepRecord) -> String {
        let bar = ProgressBar("train", done: record.stepInEpoch, of: record.stepsPerEpoch)
        // What matters most first: a narrow terminal cuts the rest.
        return bar.text(
            "epoch \(record.epoch + 1)/\(record.epochs)", remaining(record), loss(record), rate, dataWait,
            learningRate(record))
    }

    /// A phase without steps, as a bar.
    public static func bar(_ progress: PhaseProgress) -> String {
        let (done, total, seconds) = (progress.done, progress.total, progress.seconds)
        switch progress.phase {
        case .preparation(let what):
            return ProgressBar("prepare", done: done, of: total).text(what)
        case .validation(let epoch, let epochs):
            let bar = ProgressBar("validate", done: done, of: total)
            return bar.text("epoch \(epoch + 1)/\(epochs)", rates(done, total, seconds))
        }
    }

    /// Images that are evaluated, as a bar.
    public static func evaluation(_ done: Int, of total: Int, _ seconds: Double) -> String {
        images(phase: "evaluate", done, of: total, seconds)
    }

    /// Images that are worked on, as a bar.
    public static func images(phase: String, _ done: Int, of total: Int, _ seconds: Double) -> String {
        ProgressBar(phase, done: done, of: total).text("\(done)/\(total) images", rates(done, total, seconds))
    }

    /// Images a second, and the time to the end at that rate.
    private static func rates(_ done: Int, _ total: Int, _ seconds: Double) -> String {
        let rate = Double(done) / max(seconds, 1e-9)
        let rest = done > 0 ? duration(Double(total - done) / rate) : "-"
        return String(format: "%.1f images/s", rate) + "  ETA \(rest)"
    }

    /// One line, or two with a moving average of the weights, which is then what is best.
    public static func validation(_ record: ValidationRecord) -> [String] {
        let results =
            [("validation", record.result)] + (record.average.map { [("validation of the average", $0)] } ?? [])
        return results.enumerated().map { index, named in
            "epoch \(record.epoch + 1)/\(record.epochs)  \(named.0)  \(accuracy(named.1))"
                + (record.isBest && index == results.count - 1 ? "  (best so far)" : "")
        }
    }

    /// Top-1, top-5, loss and speed.
    public static func accuracy(_ result: EvaluationResult) -> String {
        var parts = [
            String(format: "top-1 %.2f %%", 100 * result.top1), String(format: "top-5 %.2f %%", 100 * result.top5),
            String(format: "loss %.4f", result.loss),
            String(format: "%d images in %.1f s", result.count, result.seconds),
        ]
        if result.skipped > 0 { parts.append("\(result.skipped) skipped") }
        return parts.joined(separator: "  ")
    }

    /// As in 1:02:03.
    public static func duration(_ seconds: Double) -> String {
        let whole = Int(seconds.rounded())
        return String(format: "%d:%02d:%02d", whole / 3600, whole / 60 % 60, whole % 60)
    }
}
