import Training

/// The images of an evaluation that a page shows.
public struct EvaluationSelection: Hashable, Sendable {
    /// Two classes, and images of them by their positions.
    public struct Pair: Hashable, Sendable {
        public let label, predicted: Int
        /// Images of `label` that were taken for `predicted`, of as many.
        public let count, total: Int
        /// Some of these, the surest mistakes first.
        public let mistaken: [Int]
        /// Some of the class that they were taken for: those that were recognised, the surest first, then others.
        public let genuine: [Int]
    }

    public let pairs: [Pair]
    /// The images with the highest losses among those that were not recognised.
    public let errors: [Int]

    /// - Parameters:
    ///   - pairs: at most.
    ///   - images: of each class of a pair, at most.
    ///   - errors: at most.
    public init(_ evaluation: RunEvaluation, pairs: Int, images: Int, errors: Int) {
        let all = evaluation.images
        let confusion = evaluation.confusion
        // Those of one image say little of the classes.
        let confused = confusion.confusedPairs
        let telling = confused.first?.count ?? 0 > 1 ? confused.filter { $0.count > 1 } : confused
        self.pairs = telling.prefix(pairs).map { pair in
            func surest(_ isMeant: (RunEvaluation.Image) -> Bool) -> [Int] {
                all.indices.filter { isMeant(all[$0]) }.sorted {
                    (all[$1].probabilities[0], $0) < (all[$0].probabilities[0], $1)
                }
            }
            let mistaken = surest { $0.label == pair.label && $0.predicted == pair.predicted }
            let recognized = surest { $0.label == pair.predicted && $0.isRight }
            let others = surest { $0.label == pair.predicted && !$0.isRight }
            return Pair(
                label: pair.label, predicted: pair.predicted, count: pair.count,
                total: confusion.count(of: pair.label), mistaken: Array(mistaken.prefix(images)),
                genuine: Array((recognized + others).prefix(images)))
        }
        self.errors = Array(
            all.indices.filter { !all[$0].isRight }.sorted { (all[$1].loss, $0) < (all[$0].loss, $1) }.prefix(errors))
    }

    /// All images that are shown, without repetitions.
    public var images: [Int] { Set(pairs.flatMap { $0.mistaken + $0.genuine } + errors).sorted() }
}
