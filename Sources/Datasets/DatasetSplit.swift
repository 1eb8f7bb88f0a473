/// The parts that data sets divide their images into.
public enum DatasetSplit: String, CaseIterable, Codable, Sendable {
    /// Images to train on, those of `val` left out.
    case train
    /// Images to choose options by.
    case val
    /// `train` and `val` together.
    case trainval
    /// Images to score on.
    case test
}

/// Which images a run validates on; it trains on all others that have labels.
public enum ValidationSplit: String, CaseIterable, Codable, Sendable {
    /// As the data set means it: `test`, or `val` where a folder has one.
    case auto
    /// The split `val`; the test images are left alone.
    case val
    /// The split `test`.
    case test
}
