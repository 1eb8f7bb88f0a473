import Training

/// What a run's best model says of each image of a split, and pictures of some of them.
public struct RunEvaluation: Codable, Hashable, Sendable {
    public struct Image: Codable, Hashable, Sendable {
        /// As the data set names it.
        public let path: String
        public let label: Int
        /// The most probable classes, most probable first, and their probabilities.
        public let ranking: [Int]
        public let probabilities: [Double]
        /// Cross-entropy.
        public let loss: Double

        public init(path: String, label: Int, ranking: [Int], probabilities: [Double], loss: Double) {
            self.path = path
            self.label = label
            self.ranking = ranking
            self.probabilities = probabilities
            self.loss = loss
        }

        var predicted: Int { ranking[0] }
        var isRight: Bool { predicted == label }
    }

    /// A JPEG file's bytes in base64.
    public typealias Picture = String

    /// An image under colours that show where the model looked.
    public struct Map: Codable, Hashable, Sendable {
        /// What it shows, in a word or two.
        public let caption: String
        /// The same in full.
        public let title: String
        public let picture: Picture

        public init(caption: String, title: String, picture: Picture) {
            self.caption = caption
            self.title = title
            self.picture = picture
        }
    }

    /// The steps that the model was trained for.
    public let step: Int
    /// Whether its weights are their moving average.
    public let isAverage: Bool
    /// As reports name it.
    public let dataset: String
    public let split: String
    public let classNames: [String]
    /// In the list's order.
    public let images: [Image]
    /// By the images' positions: what the model saw.
    public var pictures: [Int: Picture] = [:]
    /// By the images' positions: where it looked.
    public var maps: [Int: [Map]] = [:]

    public init(
        step: Int, isAverage: Bool, dataset: String, split: String, classNames: [String], images: [Image]
    ) {
        self.step = step
        self.isAverage = isAverage
        self.dataset = dataset
        self.split = split
        self.classNames = classNames
        self.images = images
    }

    public var confusion: ConfusionMatrix {
        var matrix = ConfusionMatrix(classes: classNames.count)
        for image in images { matrix.add(label: image.label, predicted: image.predicted) }
        return matrix
    }

    public var top1: Double { share(\.isRight) }
    public var top5: Double { share { $0.ranking.contains($0.label) } }

    private func share(_ isCounted: (Image) -> Bool) -> Double {
        images.isEmpty ? 0 : Double(images.count(where: isCounted)) / Double(images.count)
    }
}
