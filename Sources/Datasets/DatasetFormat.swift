/// The layouts that data sets are read in, as `--dataset` names them.
public enum DatasetFormat: String, CaseIterable, Codable, Sendable {
    case cub

    /// Reads the annotations in `folder` and checks that the listed images are there.
    ///
    /// - Parameter requiringBoxes: fail if an image has no bounding box.
    /// - Throws: `DatasetError`.
    public func read(folder: String, requiringBoxes: Bool) throws -> ImageDataset {
        switch self {
        case .cub: try CUBDataset.read(folder: folder, requiringBoxes: requiringBoxes)
        }
    }

    /// Classes of the complete data set.
    public var officialClassCount: Int {
        switch self {
        case .cub: 200
        }
    }
}
