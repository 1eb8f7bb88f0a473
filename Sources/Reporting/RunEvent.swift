import Foundation
import Training

/// What a run tells people and programs.
public enum RunEvent: Sendable {
    case note(String)
    /// For those who want to know everything.
    case detail(String)
    case warning(String)
    /// The first step begins, so many seconds after the process was started.
    case ready(seconds: Double)
    /// - Parameters:
    ///   - line: with rates over the steps since the line before.
    ///   - isDue: whether it is time for a line.
    case step(StepRecord, line: String, isDue: Bool)
    case validation(ValidationRecord)
    case finished(RunSummary)
    /// What of which split of which data set was found.
    case evaluation(EvaluationResult, dataset: String, split: String)
    /// A table in Markdown that compares runs, which the folder has too.
    case comparison(String, folder: String)

    enum Importance: Int, Comparable {
        case detail
        case usual
        case essential

        static func < (one: Self, other: Self) -> Bool { one.rawValue < other.rawValue }
    }

    var importance: Importance {
        switch self {
        case .detail: .detail
        case .step(_, _, let isDue): isDue ? .usual : .detail
        case .note, .ready, .validation: .usual
        case .warning, .finished, .evaluation, .comparison: .essential
        }
    }

    /// Lines of text.
    public var lines: [String] {
        switch self {
        case .note(let text), .detail(let text): [text]
        case .warning(let text): ["warning: \(text)"]
        case .ready(let seconds): [String(format: "ready in %.1f s", seconds)]
        case .step(_, let line, _): [line]
        case .validation(let record): ProgressLine.validation(record)
        case .finished(let summary): summary.lines
        case .evaluation(let result, let dataset, let split): ["\(dataset), \(split): \(ProgressLine.accuracy(result))"]
        case .comparison(let table, _): table.split(separator: "\n").map(String.init)
        }
    }

    var style: Terminal.Style? {
        switch self {
        case .warning: .yellow
        case .validation(let record): record.isBest ? .green : .cyan
        case .finished, .evaluation: .bold
        case .detail: .dim
        case .note, .ready, .step, .comparison: nil
        }
    }
}

extension RunEvent {
    /// What a line of JSON may hold, in the order of its properties.
    private struct Line: Encodable {
        var time: String
        var event: String
        var run: String?
        var message: String?
        var epoch, epochs, step, totalSteps: Int?
        var loss, crossEntropy, learningRate, imagesPerSecond, dataWaitSeconds, remainingSeconds: Double?
        var top1, top5: Double?
        var images, skipped: Int?
        var seconds: Double?
        var isBest: Bool?
        var average: Scores?
        var bestEpoch: Int?
        var bestTop1, bestTop5: Double?
        var folder: String?
        var dataset, split: String?

        struct Scores: Encodable {
            var top1, top5, loss: Double
        }

        init(_ event: String, _ title: String?) {
            time = Date().formatted(.iso8601)
            self.event = event
            run = title
        }

        mutating func set(_ result: EvaluationResult) {
            (loss, top1, top5) = (result.loss, result.top1, result.top5)
            (images, skipped, seconds) = (result.count, result.skipped, result.seconds)
        }
    }

    /// One JSON object without line breaks. Losses that are not finite are strings: NaN, Infinity, -Infinity.
    public func json(title: String? = nil) -> String {
        let encoder = JSONEncoder()
        encoder.keyEncodingStrategy = .convertToSnakeCase
        encoder.outputFormatting = [.withoutEscapingSlashes, .sortedKeys]
        encoder.nonConformingFloatEncodingStrategy = .convertToString(
            positiveInfinity: "Infinity", negativeInfinity: "-Infinity", nan: "NaN")
        guard let data = try? encoder.encode(line(title)) else {
            preconditionFailure("a line of JSON has plain values")
        }
        return String(decoding: data, as: UTF8.self)
    }

    private func line(_ title: String?) -> Line {
        switch self {
        case .note(let text): return message("note", text, title)
        case .detail(let text): return message("detail", text, title)
        case .warning(let text): return message("warning", text, title)
        case .ready(let seconds):
            var line = Line("ready", title)
            line.seconds = seconds
            return line
        case .step(let record, _, _): return Self.line(record, title)
        case .validation(let record): return Self.line(record, title)
        case .finished(let summary): return Self.line(summary, title)
        case .evaluation(let result, let dataset, let split):
            var line = Line("evaluation", title)
            (line.dataset, line.split) = (dataset, split)
            line.set(result)
            return line
        case .comparison(let table, let folder):
            var line = message("comparison", table, title)
            line.folder = folder
            return line
        }
    }

    private func message(_ event: String, _ text: String, _ title: String?) -> Line {
        var line = Line(event, title)
        line.message = text
        return line
    }

    private static func line(_ record: StepRecord, _ title: String?) -> Line {
        var line = Line("step", title)
        (line.epoch, line.epochs) = (record.epoch + 1, record.epochs)
        (line.step, line.totalSteps) = (record.step, record.totalSteps)
        (line.loss, line.crossEntropy, line.learningRate) = (record.loss, record.crossEntropy, record.learningRate)
        line.images = record.images
        line.seconds = record.seconds
        line.imagesPerSecond = Double(record.images) / max(record.seconds, 1e-9)
        (line.dataWaitSeconds, line.remainingSeconds) = (record.dataWaitSeconds, record.remainingSeconds)
        return line
    }

    private static func line(_ record: ValidationRecord, _ title: String?) -> Line {
        var line = Line("validation", title)
        (line.epoch, line.epochs, line.step) = (record.epoch + 1, record.epochs, record.step)
        line.set(record.result)
        line.average = record.average.map { Line.Scores(top1: $0.top1, top5: $0.top5, loss: $0.loss) }
        line.isBest = record.isBest
        return line
    }

    private static func line(_ summary: RunSummary, _ title: String?) -> Line {
        var line = Line("finished", title)
        let training = summary.training
        (line.step, line.seconds) = (training.steps, training.seconds)
        (line.imagesPerSecond, line.skipped) = (training.imagesPerSecond, training.skippedImages)
        (line.bestEpoch, line.bestTop1, line.bestTop5) = (summary.best?.epoch, summary.best?.top1, summary.best?.top5)
        (line.top1, line.top5) = (summary.last?.top1, summary.last?.top5)
        line.folder = summary.folder
        return line
    }
}
