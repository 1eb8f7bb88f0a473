import Foundation
import Reporting

/// What `metrics.csv` of a run says.
public struct RunMetrics: Sendable {
    public struct Step: Sendable {
        /// From 1.
        public let epoch, step: Int
        public let loss, crossEntropy, learningRate: Double
        public let images: Int
        public let seconds, dataWait: Double
        /// Nil in runs of versions that did not count it.
        public let times: Times?
    }

    /// Seconds of a step's parts.
    public struct Times: Sendable {
        public let forward, backward, optimizer, communication: Double
    }

    public struct Validation: Sendable {
        public let epoch, step: Int
        public let loss, top1, top5, seconds: Double
        /// Of the weights' moving average.
        public let isOfAverage: Bool
    }

    public private(set) var steps: [Step] = []
    public private(set) var validations: [Validation] = []

    /// Rows that are damaged are left out, such as a last one that is being written.
    public init(csv: String) {
        let rows = csv.split(separator: "\n")
        guard let header = rows.first else { return }
        var columns: [Substring: Int] = [:]
        for (index, name) in header.split(separator: ",", omittingEmptySubsequences: false).enumerated() {
            columns[name] = index
        }
        let places = Self.names.map { columns[Substring($0)] }
        for row in rows.dropFirst() {
            let fields = row.split(separator: ",", omittingEmptySubsequences: false)
            guard fields.count == columns.count, let kind = places[0].map({ fields[$0] }) else { continue }
            let numbers = places.dropFirst().map { place in place.flatMap { Double(fields[$0]) } }
            switch kind {
            case "step": if let step = Step(numbers) { steps.append(step) }
            case "validation", "validation-ema":
                guard let validation = Validation(numbers, isOfAverage: kind != "validation") else { continue }
                validations.append(validation)
            default: continue
            }
        }
    }

    /// - Throws: `ReportError`.
    public init(path: String) throws { self.init(csv: try readText(path)) }

    fileprivate static let names = [
        "kind", "epoch", "step", "loss", "learning_rate", "images", "seconds", "data_wait_seconds", "top1", "top5",
        "cross_entropy", "forward_seconds", "backward_seconds", "optimizer_seconds", "communication_seconds",
    ]

    /// Those that chose the best checkpoint: of the moving average where the run has one.
    public var choosing: [Validation] {
        let ofAverage = validations.filter(\.isOfAverage)
        return ofAverage.isEmpty ? validations : ofAverage
    }

    /// The first of equals, as the link `best` has it.
    public var best: Validation? {
        choosing.reduce(nil) { best, next in next.top1 > best?.top1 ?? -1 ? next : best }
    }

    /// Seconds of all steps and validations.
    public var seconds: Double {
        steps.reduce(0) { $0 + $1.seconds } + validations.reduce(0) { $0 + $1.seconds }
    }

    /// Of all steps together.
    public var imagesPerSecond: Double? {
        let seconds = steps.reduce(0) { $0 + $1.seconds }
        return seconds > 0 ? Double(steps.reduce(0) { $0 + $1.images }) / seconds : nil
    }
}

extension RunMetrics.Step {
    /// - Parameter fields: as in `RunMetrics.names`, without the kind.
    fileprivate init?(_ fields: [Double?]) {
        guard let epoch = fields[0], let step = fields[1], let loss = fields[2], let seconds = fields[5] else {
            return nil
        }
        self.epoch = Int(epoch)
        self.step = Int(step)
        self.loss = loss
        crossEntropy = fields[9] ?? loss
        learningRate = fields[3] ?? .nan
        images = Int(fields[4] ?? 0)
        self.seconds = seconds
        dataWait = fields[6] ?? 0
        if let forward = fields[10], let backward = fields[11], let optimizer = fields[12], let sums = fields[13] {
            times = RunMetrics.Times(forward: forward, backward: backward, optimizer: optimizer, communication: sums)
        } else {
            times = nil
        }
    }
}

extension RunMetrics.Validation {
    fileprivate init?(_ fields: [Double?], isOfAverage: Bool) {
        guard let epoch = fields[0], let step = fields[1], let loss = fields[2], let top1 = fields[7],
            let top5 = fields[8]
        else { return nil }
        self.epoch = Int(epoch)
        self.step = Int(step)
        self.loss = loss
        self.top1 = top1
        self.top5 = top5
        seconds = fields[5] ?? 0
        self.isOfAverage = isOfAverage
    }
}
