import Foundation
import Training

/// `metrics.csv` of a run folder: one row a step and one a validation.
///
/// Seconds of a step run from the end of the step before; columns that do not apply to a row are empty.
public final class MetricsFile {
    private static let columns = [
        "kind", "epoch", "step", "loss", "learning_rate", "images", "seconds", "images_per_second",
        "data_wait_seconds", "top1", "top5", "skipped", "cross_entropy",
        "forward_seconds", "backward_seconds", "optimizer_seconds", "communication_seconds",
    ]
    private static let timeColumns = 4
    private let file: TextFile

    /// Opens the file for a run that goes on after `step`: rows of an attempt that had come further are removed.
    /// - Parameter validating: with the validation after that step, whose rows are removed too.
    /// - Throws: `ReportError`.
    public init(path: String, continuingAfter step: Int, validating: Bool = false) throws {
        let header = CSV.row(Self.columns)
        var kept = header
        if step > 0, let text = try TextFile.contents(of: path) {
            // What follows the last newline is a row that a crash cut.
            let whole = text[..<(text.lastIndex(of: "\n") ?? text.startIndex)]
            for line in whole.split(separator: "\n").dropFirst() {
                let fields = line.split(separator: ",", omittingEmptySubsequences: false)
                // Earlier versions counted no times.
                let missing = Self.columns.count - fields.count
                guard [0, Self.timeColumns].contains(missing), let row = Int(fields[2]), row <= step else { continue }
                if validating, row == step, fields[0] != "step" { continue }
                kept += line + String(repeating: ",", count: missing) + "\n"
            }
        }
        try TextFile.replace(path, with: kept)
        file = try TextFile(appendingTo: path, waitingForRoom: true)
    }

    /// Accuracy after an epoch, from a file of metrics.
    public struct Validation: Hashable, Sendable {
        public let epoch: Int
        public let top1, top5: Double

        public init(epoch: Int, top1: Double, top5: Double) {
            self.epoch = epoch
            self.top1 = top1
            self.top5 = top5
        }
    }

    /// The validations of a run in their order; of the weights' moving average, where the run has one.
    /// - Throws: `ReportError`.
    public static func validations(path: String) throws -> [Validation] {
        let rows = try (TextFile.contents(of: path) ?? "").split(separator: "\n").map {
            $0.split(separator: ",", omittingEmptySubsequences: false)
        }
        guard let header = rows.first, let first = header.firstIndex(of: "top1"),
            let fifth = header.firstIndex(of: "top5")
        else { return [] }
        func validations(_ kind: String) -> [Validation] {
            rows.filter { $0[0] == kind && $0.count == header.count }.compactMap { row in
                guard let epoch = Int(row[1]), let top1 = Double(row[first]), let top5 = Double(row[fifth]) else {
                    return nil
                }
                return Validation(epoch: epoch, top1: top1, top5: top5)
            }
        }
        let ofAverage = validations("validation-ema")
        return ofAverage.isEmpty ? validations("validation") : ofAverage
    }

    /// - Throws: `ReportError`.
    public func append(_ record: StepRecord) throws {
        try file.append(
            CSV.row(
                [
                    "step", String(record.epoch + 1), String(record.step), String(record.loss),
                    String(record.learningRate), String(record.images), String(format: "%.4f", record.seconds),
                    String(format: "%.2f", Double(record.images) / record.seconds),
                    String(format: "%.4f", record.dataWaitSeconds), "", "", "", String(record.crossEntropy),
                ]
                    + [
                        record.times.forward, record.times.backward, record.times.optimizer, record.times.communication,
                    ].map { String(format: "%.4f", $0) }))
    }

    /// A row of the kind `validation` and, with a moving average of the weights, one of the kind `validation-ema`.
    /// - Throws: `ReportError`.
    public func append(_ record: ValidationRecord) throws {
        try append("validation", record.result, record)
        if let average = record.average { try append("validation-ema", average, record) }
    }

    private func append(_ kind: String, _ result: EvaluationResult, _ record: ValidationRecord) throws {
        try file.append(
            CSV.row(
                [
                    kind, String(record.epoch + 1), String(record.step), String(result.loss), "",
                    String(result.count), String(format: "%.4f", result.seconds),
                    String(format: "%.2f", Double(result.count) / result.seconds), "", String(result.top1),
                    String(result.top5), String(result.skipped), "",
                ] + Array(repeating: "", count: Self.timeColumns)))
    }
}
