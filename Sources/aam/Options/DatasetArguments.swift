import ArgumentParser
import Datasets

/// Which data set a folder has, for all commands that read one.
struct DatasetArguments: ParsableArguments {
    @Option(help: "The data set's layout.") var dataset: DatasetFormat = .cub
    @Option(help: "What counts as a class, for --dataset aircraft.") var level: AircraftLevel = .variant

    /// - Throws: `DatasetError`.
    func read(folder: String, requiringBoxes: Bool = false, checkingImages: Bool = true) throws -> ImageDataset {
        try dataset.read(
            folder: folder,
            options: DatasetOptions(level: level, requiringBoxes: requiringBoxes, checkingImages: checkingImages))
    }
}
