/// How often images of each class were taken for each class.
public struct ConfusionMatrix: Hashable, Sendable {
    /// Two classes of which one was taken for the other.
    public struct Pair: Hashable, Sendable {
        /// The class that the images are of.
        public let label: Int
        /// The class that they were taken for.
        public let predicted: Int
        /// Images of `label` that were taken for `predicted`.
        public let count: Int
        /// Their part of the images of `label`.
        public let share: Double
    }

    /// Their number.
    public let classes: Int
    private var counts: [Int]

    /// A matrix of zeros.
    public init(classes: Int) {
        self.classes = classes
        counts = [Int](repeating: 0, count: classes * classes)
    }

    /// Counts an image of class `label` that was taken for class `predicted`.
    public mutating func add(label: Int, predicted: Int) {
        counts[label * classes + predicted] += 1
    }

    /// Images of class `label` that were taken for class `predicted`.
    public subscript(label: Int, predicted: Int) -> Int { counts[label * classes + predicted] }

    /// Images of a class.
    public func count(of label: Int) -> Int { counts[label * classes..<(label + 1) * classes].reduce(0, +) }

    /// The part of a class's images that were taken for `predicted`; 0 for a class without images.
    public func share(_ label: Int, _ predicted: Int) -> Double {
        let count = count(of: label)
        return count > 0 ? Double(self[label, predicted]) / Double(count) : 0
    }

    /// The part of a class's images that were recognised; nil for a class without images.
    public func accuracy(of label: Int) -> Double? { count(of: label) > 0 ? share(label, label) : nil }

    /// The mean accuracy of the classes that have images; each counts the same, however many they are.
    public var macroAverage: Double {
        let accuracies = (0..<classes).compactMap(accuracy)
        return accuracies.isEmpty ? 0 : accuracies.reduce(0, +) / Double(accuracies.count)
    }

    /// Pairs of classes that were confused, most images first, then the larger share, then the order of the classes.
    public var confusedPairs: [Pair] {
        var pairs: [Pair] = []
        for label in 0..<classes {
            for predicted in 0..<classes where predicted != label && self[label, predicted] > 0 {
                pairs.append(
                    Pair(
                        label: label, predicted: predicted, count: self[label, predicted],
                        share: share(label, predicted)))
            }
        }
        return pairs.sorted {
            ($1.count, $1.share, $0.label, $0.predicted) < ($0.count, $0.share, $1.label, $1.predicted)
        }
    }
}
