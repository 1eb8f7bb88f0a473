/// The layouts that data sets are read in, as `--dataset` names them.
public enum DatasetFormat: String, CaseIterable, Codable, Sendable {
    case cub, aircraft, cars, dogs, folder

    private var reader: any DatasetReader.Type {
        switch self {
        case .cub: CUBDataset.self
        case .aircraft: AircraftDataset.self
        case .cars: CarsDataset.self
        case .dogs: DogsDataset.self
        case .folder: FolderDataset.self
        }
    }

    /// Reads the annotations in `folder`. Where classes or images are fewer or more than the complete data set's, the
    /// result's `warnings` say so.
    ///
    /// - Throws: `DatasetError`.
    public func read(folder: String, options: DatasetOptions = DatasetOptions()) throws -> ImageDataset {
        var dataset = try reader.read(folder: folder, options: options)
        if let difference = officialCounts(level: options.level)?.difference(from: dataset) {
            dataset.warnings.append(difference)
        }
        return dataset
    }

    /// The sizes of the complete data set; nil for a folder of one's own.
    public func officialCounts(level: AircraftLevel = .variant) -> OfficialCounts? {
        reader.officialCounts(level: level)
    }
}
