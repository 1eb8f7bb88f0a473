import Foundation
import Training

/// How a run ended, and where everything lies.
public struct RunSummary: Hashable, Sendable {
    public let training: TrainingSummary
    /// The run folder.
    public let folder: String
    /// The validation with the highest top-1, and the last one, of the whole run, earlier attempts included.
    public let best, last: MetricsFile.Validation?

    /// - Parameter validations: of the run, in their order.
    public init(_ training: TrainingSummary, folder: String, validations: [MetricsFile.Validation]) {
        self.training = training
        self.folder = folder
        // The first of equals, as the link `best` has it.
        best = validations.reduce(nil) { best, next in next.top1 > best?.top1 ?? -1 ? next : best }
        last = validations.last
    }

    /// Lines of text.
    public var lines: [String] {
        let steps = training.steps == 1 ? "1 step" : "\(training.steps) steps"
        var first =
            "finished \(steps) in \(ProgressLine.duration(training.seconds)), "
            + String(format: "%.1f training images/s", training.imagesPerSecond)
        if training.skippedImages > 0 { first += ", \(training.skippedImages) unreadable images skipped" }
        var lines = [first]
        if let best {
            let step = training.bestStep.map { " (step \($0))" } ?? ""
            lines.append("  best     epoch \(best.epoch)\(step): \(Self.accuracy(best))")
        }
        if let last, last != best { lines.append("  last     epoch \(last.epoch): \(Self.accuracy(last))") }
        lines.append("  weights  \(folder)/best and \(folder)/latest")
        lines.append("  figures  \(folder)/metrics.csv, log.txt and config.toml beside it")
        return lines
    }

    private static func accuracy(_ validation: MetricsFile.Validation) -> String {
        String(format: "top-1 %.2f %%, top-5 %.2f %%", 100 * validation.top1, 100 * validation.top5)
    }
}
