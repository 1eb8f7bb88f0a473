import Datasets
import Foundation
import HTMLReport
import Training

/// The model of a run that a report evaluates, and the images that it evaluates it on.
struct ReportedModel {
    let trained: TrainedModel
    let dataset: ImageDataset
    let split: DatasetSplit
    let samples: [ImageSample]

    /// What is to be evaluated of a run.
    struct Request {
        let checkpoint: String
        let isAverage: Bool
        let data: String
        let key: EvaluationCache.Key
        let configuration: TrainingConfiguration

        /// The run's best checkpoint, or its latest one, on its own data.
        /// - Parameters:
        ///   - data: a folder instead of the run's own.
        ///   - split: instead of the one that the run validates on.
        /// - Throws: `ReportGap`.
        init(_ run: RecordedRun, data: String?, split: DatasetSplit?, pictureSize: Int) throws {
            let store = CheckpointStore(directory: run.folder)
            guard let step = try store.bestStep() ?? store.latestStep() else {
                throw ReportGap(description: "\(run.folder) has no checkpoint")
            }
            guard let data = data ?? run.options["data"] else {
                throw ReportGap(description: "config.toml names no data")
            }
            checkpoint = store.path(ofStep: step)
            isAverage = run.options["ema"].flatMap(Double.init) ?? 0 > 0
            self.data = data
            var configuration = TrainingConfiguration(data: data, output: run.folder)
            if let format = run.options["dataset"].flatMap(DatasetFormat.init) { configuration.dataset = format }
            if let level = run.options["level"].flatMap(AircraftLevel.init) { configuration.level = level }
            if let choice = run.options["validation-split"].flatMap(ValidationSplit.init) {
                configuration.validationSplit = choice
            }
            configuration.cropBoxes = run.options["crop-boxes"] == "true"
            self.configuration = configuration
            key = try EvaluationCache.Key(
                checkpoint: checkpoint, isAverage: isAverage, data: data, split: split?.rawValue,
                pictureSize: pictureSize)
        }
    }

    /// - Throws: what is wrong with the checkpoint or the data set.
    init(_ request: Request, split: DatasetSplit?, batchSize: Int, computing: ComputingOptions, threads: Int) throws {
        dataset = try request.configuration.readDataset()
        self.split = split ?? dataset.validationSplit
        samples = try dataset.samples(of: self.split)
        trained = try TrainedModel(
            checkpoint: request.checkpoint, average: request.isAverage, imageSize: nil, batchSize: batchSize,
            backend: computing.makeBackend(threads: threads))
        let classes = trained.model.configuration.classes
        guard classes == dataset.classNames.count else {
            throw TrainingError.otherClassCount(
                path: request.checkpoint, checkpoint: classes, dataset: dataset.classNames.count, name: dataset.name)
        }
    }
}

/// Why a part of a report cannot be made; the rest can.
struct ReportGap: Error, CustomStringConvertible {
    let description: String
}
