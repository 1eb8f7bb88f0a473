/// A data set for image classification: its classes and its lists of images.
///
/// Each format has a reader of its own that returns this value, so that training knows no format.
public struct ImageDataset: Sendable, Hashable {
    /// As reports name it, for example `CUB-200-2011`.
    public let name: String
    /// The classes' names; `ImageSample.label` is a position in this list.
    public let classNames: [String]
    /// The splits with labels, each in the format's own order.
    public let splits: [DatasetSplit: [ImageSample]]
    /// The images of splits whose labels the folder does not have, and what is missing.
    public let unlabelled: [DatasetSplit: UnlabelledImages]
    /// The split that a run validates on.
    public let validationSplit: DatasetSplit
    /// What the user should know of the folder.
    public internal(set) var warnings: [String]

    /// - Precondition: every label is a position in `classNames`.
    public init(
        name: String, classNames: [String], splits: [DatasetSplit: [ImageSample]],
        unlabelled: [DatasetSplit: UnlabelledImages] = [:], validationSplit: DatasetSplit = .test,
        warnings: [String] = []
    ) {
        for sample in splits.values.joined() {
            precondition(
                classNames.indices.contains(sample.label),
                "\(sample.relativePath) has label \(sample.label), but there are \(classNames.count) classes")
        }
        self.name = name
        self.classNames = classNames
        self.splits = splits
        self.unlabelled = unlabelled
        self.validationSplit = validationSplit
        self.warnings = warnings
    }

    /// A data set of two splits.
    /// - Precondition: every label is a position in `classNames`.
    public init(name: String, classNames: [String], train: [ImageSample], test: [ImageSample]) {
        self.init(name: name, classNames: classNames, splits: [.train: train, .test: test])
    }

    /// The split that a run trains on: everything but the test images, or but those of `val` if it validates on them.
    public var trainingSplit: DatasetSplit { validationSplit == .test && splits[.trainval] != nil ? .trainval : .train }

    /// The images that a run trains on.
    public var train: [ImageSample] { splits[trainingSplit] ?? [] }

    /// The images that a run validates on.
    public var test: [ImageSample] { splits[validationSplit] ?? [] }

    /// The images of a split.
    /// - Throws: `DatasetError.missingSplit`, `.unlabelledSplit`.
    public func samples(of split: DatasetSplit) throws -> [ImageSample] {
        if let samples = splits[split] { return samples }
        if let images = unlabelled[split] {
            throw DatasetError.unlabelledSplit(
                dataset: name, split: split, count: images.count, missing: images.missingFile)
        }
        throw DatasetError.missingSplit(
            dataset: name, split: split, available: DatasetSplit.allCases.filter { splits[$0] != nil })
    }

    /// The images of a split, which have no labels where the folder does not have them.
    /// - Throws: `DatasetError.missingSplit`.
    public func samplesToPredict(of split: DatasetSplit) throws -> [ImageSample] {
        try unlabelled[split]?.samples ?? samples(of: split)
    }

    /// The same for a run that validates on the given split.
    /// - Throws: as `samples(of:)` if the splits to train and validate on are not there.
    public func validating(on choice: ValidationSplit) throws -> ImageDataset {
        let split: DatasetSplit =
            switch choice {
            case .auto: validationSplit
            case .val: .val
            case .test: .test
            }
        let chosen = ImageDataset(
            name: name, classNames: classNames, splits: splits, unlabelled: unlabelled, validationSplit: split,
            warnings: warnings)
        _ = try chosen.samples(of: split)
        _ = try chosen.samples(of: chosen.trainingSplit)
        return chosen
    }
}

/// Images of a split that has no labels.
public struct UnlabelledImages: Sendable, Hashable {
    /// Each with `ImageSample.unknownLabel`.
    public let samples: [ImageSample]
    /// The file that would have the labels.
    public let missingFile: String

    /// Their number.
    public var count: Int { samples.count }
}
