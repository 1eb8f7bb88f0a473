/// The layouts that data sets are read in, as `--dataset` names them.
public enum DatasetFormat: String, CaseIterable, Codable, Sendable {
    /// CUB-200-2011 (Wah et al. 2011).
    case cub
    /// FGVC-Aircraft (Maji et al. 2013).
    case aircraft
    /// Stanford Cars (Krause et al. 2013).
    case cars
    /// Stanford Dogs (Khosla et al. 2011).
    case dogs
    /// A folder of one's own, with a sub-folder for each class.
    case folder

    var reader: any DatasetReader.Type {
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

    /// Whether `SyntheticDataset` writes this layout.
    public var isSynthesized: Bool { reader.layoutWriter != nil }

    /// The sizes of the complete data set; nil for a folder of one's own.
    public func officialCounts(level: AircraftLevel = .variant) -> OfficialCounts? {
        reader.officialCounts(level: level)
    }
}
