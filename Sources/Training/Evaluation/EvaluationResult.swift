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
    public var seconds = 0.0

    public init() {}

    public var top1: Double { count > 0 ? Double(top1Count) / Double(count) : 0 }
    public var top5: Double { count > 0 ? Double(top5Count) / Double(count) : 0 }
    public var loss: Double { count > 0 ? lossSum / Double(count) : 0 }
}

/// What a model says of one image.
public struct Prediction: Hashable, Sendable {
    /// The image's position in the evaluated list.
    public let index: Int
    /// The most probable classes, most probable first (equal ones by class number): five, or all if there are fewer.
    public let ranking: [Int]
    /// Their probabilities.
    public let probabilities: [Double]

    public init(index: Int, ranking: [Int], probabilities: [Double]) {
        self.index = index
        self.ranking = ranking
        self.probabilities = probabilities
    }

    /// Ranks one image's class probabilities.
    init(index: Int, classProbabilities: [Double]) {
        let order = classProbabilities.indices.sorted {
            (classProbabilities[$1], $0) < (classProbabilities[$0], $1)
        }
        self.init(
            index: index, ranking: Array(order.prefix(5)), probabilities: order.prefix(5).map { classProbabilities[$0] }
        )
    }
}
