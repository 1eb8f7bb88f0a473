/// The parts that data sets divide their images into.
public enum DatasetSplit: String, CaseIterable, Codable, Sendable {
    case train, val
    /// `train` and `val` together.
    case trainval
    case test
}

/// Which images a run validates on; it trains on all others that have labels.
public enum ValidationSplit: String, CaseIterable, Codable, Sendable {
    /// As the data set means it: `test`, or `val` where a folder has one.
    case auto
    case val, test
}
