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
        return [
            "epoch \(record.epoch + 1)/\(record.epochs)",
            "step \(record.stepInEpoch)/\(record.stepsPerEpoch)",
            String(format: "loss %.4f", record.loss),
            String(format: "lr %.3g", record.learningRate),
            String(format: "%.1f images/s", Double(images) / max(seconds, 1e-9)),
            String(format: "data wait %.1f %%", 100 * waited / max(seconds, 1e-9)),
            "ETA \(record.remainingSeconds.map(Self.duration) ?? "-")",
        ].joined(separator: "  ")
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
