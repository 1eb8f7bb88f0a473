/// A data set's layout. A new one takes a file with a type of this kind and a case in `DatasetFormat`.
protocol DatasetReader {
    /// Reads the annotations in `folder`.
    /// - Throws: `DatasetError`, for the first fault found.
    static func read(folder: String, options: DatasetOptions) throws -> ImageDataset

    /// The sizes of the complete data set, where there is one.
    static func officialCounts(level: AircraftLevel) -> OfficialCounts?

    /// What writes synthetic images in this layout, if anything does.
    static var layoutWriter: (any LayoutWriter.Type)? { get }
}

extension DatasetReader {
    static func officialCounts(level: AircraftLevel) -> OfficialCounts? { nil }
    static var layoutWriter: (any LayoutWriter.Type)? { nil }
}
