/// What a model says of one image.
public struct Prediction: Hashable, Sendable {
    /// The image's position in the evaluated list.
    public let index: Int
    /// The most probable classes, most probable first (equal ones by class number): five or as many as were asked for, or
    /// all if there are fewer.
    public let ranking: [Int]
    /// Their probabilities.
    public let probabilities: [Double]
    /// Cross-entropy with the image's label; 0 for an image without one.
    public let loss: Double

    /// A prediction that was made elsewhere, as by another rank.
    public init(index: Int, ranking: [Int], probabilities: [Double], loss: Double = 0) {
        self.index = index
        self.ranking = ranking
        self.probabilities = probabilities
        self.loss = loss
    }

    /// Ranks the `count` most probable of one image's classes.
    init(index: Int, classProbabilities: [Double], count: Int, loss: Double) {
        let order = classProbabilities.indices.sorted {
            (classProbabilities[$1], $0) < (classProbabilities[$0], $1)
        }
        self.init(
            index: index, ranking: Array(order.prefix(count)),
            probabilities: order.prefix(count).map { classProbabilities[$0] }, loss: loss)
    }
}
