import Collectives

/// How well a model classifies a list of images, over all ranks.
public struct EvaluationResult: Hashable, Sendable {
    /// Images classified; each of the list once, less those skipped.
    public var count = 0
    /// Images whose label had the highest score.
    public var top1Count = 0
    /// Images whose label was among the five highest scores.
    public var top5Count = 0
    /// Sum of the cross-entropies.
    public var lossSum = 0.0
    /// Images that could not be read.
    public var skipped = 0
    /// From the start to the last rank's end.
    public var seconds = 0.0

    /// Nothing evaluated yet.
    public init() {}

    /// Part of the images whose label had the highest score; 0 if there are none.
    public var top1: Double { count > 0 ? Double(top1Count) / Double(count) : 0 }
    /// Part of the images whose label was among the five highest scores; 0 if there are none.
    public var top5: Double { count > 0 ? Double(top5Count) / Double(count) : 0 }
    /// Mean cross-entropy; 0 if there are no images.
    public var loss: Double { count > 0 ? lossSum / Double(count) : 0 }
}

extension EvaluationResult {
    /// Rank 0's counts and loss, on every rank.
    func broadcast(on communicator: any Communicator) throws -> EvaluationResult {
        var counts = [count, top1Count, top5Count].map(Int64.init)
        var loss = [lossSum]
        try communicator.broadcast(&counts, from: 0)
        try communicator.broadcast(&loss, from: 0)
        var result = self
        (result.count, result.top1Count, result.top5Count) = (Int(counts[0]), Int(counts[1]), Int(counts[2]))
        result.lossSum = loss[0]
        return result
    }
}
