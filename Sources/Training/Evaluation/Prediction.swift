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
