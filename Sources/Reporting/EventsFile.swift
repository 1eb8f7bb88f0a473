import Datasets
import Foundation
import TensorBoard
import Training

/// The file of a run folder that TensorBoard reads: curves of all that `metrics.csv` has, and of norms; attention maps.
///
/// There is one, which has the whole run. An attempt that goes on with a run starts another one, with a later number as
/// TensorBoard wants it, from what is valid in the one before, which it then replaces.
public final class EventsFile {
    private static let prefix = "events.out.tfevents."
    private static let suffix = ".aam"
    private let file: AppendedFile

    /// Opens the file for a run that goes on after `step`: events of an attempt that had come further are left out.
    /// - Parameter validating: with the validation after that step, whose events are left out too.
    /// - Throws: `ReportError`.
    public init(folder: String, continuingAfter step: Int, validating: Bool = false) throws {
        let earlier = try Self.numbers(in: folder)
        func path(_ number: Int) -> String { "\(folder)/\(Self.prefix)\(number)\(Self.suffix)" }
        var contents = EventFile.start(writer: "aam")
        if step > 0, let last = earlier.max() {
            for event in EventFile.events(in: Data(try AppendedFile.contents(of: path(last)))) where event.step <= step
            {
                if validating, event.step == step, event.isOfValidation { continue }
                contents += EventFile.bytes(event)
            }
        }
        let new = max(Int(Date().timeIntervalSince1970), (earlier.max() ?? 0) + 1)
        try AppendedFile.replace(path(new), with: contents)
        for number in earlier { unlink(path(number)) }
        file = try AppendedFile(path(new), waitingForRoom: true)
    }

    /// The numbers in the names of the folder's files, which are seconds since 1970.
    private static func numbers(in folder: String) throws -> [Int] {
        let names: [String]
        do {
            names = try FileManager.default.contentsOfDirectory(atPath: folder)
        } catch {
            throw ReportError.unreadable(path: folder, reason: error.localizedDescription)
        }
        return names.filter { $0.hasPrefix(prefix) && $0.hasSuffix(suffix) }
            .compactMap { Int($0.dropFirst(prefix.count).dropLast(suffix.count)) }
    }

    /// Tags are `train/` and `seconds/`, and `norms/` where the record has them.
    /// - Throws: `ReportError`.
    public func append(_ record: StepRecord) throws {
        var values: [SummaryEvent.Value] = [
            .init("train/loss", .scalar(record.loss)),
            .init("train/cross_entropy", .scalar(record.crossEntropy)),
            .init("train/learning_rate", .scalar(record.learningRate)),
            .init("train/images_per_second", .scalar(Double(record.images) / record.seconds)),
            .init("seconds/step", .scalar(record.seconds)),
            .init("seconds/data_wait", .scalar(record.dataWaitSeconds)),
            .init("seconds/forward", .scalar(record.times.forward)),
            .init("seconds/backward", .scalar(record.times.backward)),
            .init("seconds/optimizer", .scalar(record.times.optimizer)),
            .init("seconds/communication", .scalar(record.times.communication)),
        ]
        if let norms = record.norms {
            values += [
                .init(
                    "norms/weights", .scalar(norms.weights), description: "L2 norm of all parameters after the step."),
                .init(
                    "norms/gradients", .scalar(norms.gradients),
                    description: "L2 norm of all gradients, summed over the ranks, before they are clipped."),
            ]
        }
        try append(SummaryEvent(step: record.step, values))
    }

    /// Tags are `validation/` and, with a moving average of the weights, `validation-ema/`.
    /// - Throws: `ReportError`.
    public func append(_ record: ValidationRecord) throws {
        let results = [("validation", record.result)] + (record.average.map { [("validation-ema", $0)] } ?? [])
        for (kind, result) in results {
            try append(
                SummaryEvent(
                    step: record.step,
                    [
                        .init("\(kind)/loss", .scalar(result.loss)),
                        .init("\(kind)/top1", .scalar(result.top1)),
                        .init("\(kind)/top5", .scalar(result.top5)),
                        .init("\(kind)/images_per_second", .scalar(Double(result.count) / result.seconds)),
                    ]))
        }
    }

    /// A picture an image under `attention/` and its path, unless no module weighs positions.
    /// - Throws: `ReportError`, `ImageError.codec`.
    public func append(_ view: AttentionView) throws {
        let encoder = try JPEGEncoder()
        let pictures: [SummaryEvent.Value] = try view.images.indices.compactMap { index in
            guard let sheet = AttentionSheet(view, image: index) else { return nil }
            let (image, file) = (sheet.image, Data(try encoder.encode(sheet.image, quality: 85)))
            return .init(
                "attention/\(view.images[index].path)", .image(file: file, width: image.width, height: image.height),
                description: "The image, then row by row the spatial maps of \(sheet.modules.joined(separator: ", ")), "
                    + "each from its least weight (dark) to its greatest (yellow).")
        }
        if !pictures.isEmpty { try append(SummaryEvent(step: view.step, pictures)) }
    }

    private func append(_ event: SummaryEvent) throws { try file.append(EventFile.bytes(event)) }
}

extension SummaryEvent {
    /// Whether it is of what follows a step instead of the step itself.
    fileprivate var isOfValidation: Bool { !values.contains { $0.tag.hasPrefix("train/") } }
}
