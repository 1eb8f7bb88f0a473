import Datasets
import Foundation
import Testing
import Training

/// Suites that train run one after another: each uses the cores as a job does.
@Suite(.serialized) enum TrainingRuns {}

/// What several suites train on, made once a test run and removed at its end.
enum TrainingFixture {
    static let folder: String = {
        atexit { try? FileManager.default.removeItem(atPath: TrainingFixture.folder) }
        return FileManager.default.temporaryDirectory.appending(path: "aam-training-\(UUID().uuidString)").path
    }()

    private static let birds = Result {
        let path = "\(folder)/birds"
        try SyntheticDataset(classes: 3, trainImagesPerClass: 8, testImagesPerClass: 3, imageSize: 48, seed: 5)
            .write(to: path)
        return try DatasetFormat.cub.read(folder: path)
    }

    /// 24 training and 9 test images of 3 classes.
    static func dataset() throws -> ImageDataset { try birds.get() }

    /// The same images over and over, each time under another index and so cut another way: long epochs, that a test
    /// stops before they end in a validation and a checkpoint.
    static func longDataset() throws -> ImageDataset {
        let dataset = try dataset()
        return dataset.replacing(train: (0..<5).flatMap { _ in dataset.train })
    }

    /// A file that begins as a JPEG and ends too early.
    static func truncatedImage() throws -> String {
        let path = "\(folder)/truncated.jpg"
        let whole = try Data(contentsOf: URL(filePath: try dataset().train[0].path))
        try whole.prefix(whole.count / 2).write(to: URL(filePath: path))
        return path
    }

    private static let checkpoints = Result {
        let configuration = TrainingConfiguration.small(output: "\(folder)/checkpointed") { $0.checkpointEvery = 2 }
        _ = try Trial(configuration, on: try dataset()).ends.get()
        return CheckpointStore(directory: configuration.output)
    }

    /// Checkpoints of a run of one epoch: of step 2, within it, and of step 3, at its end.
    static func checkpointed() throws -> CheckpointStore { try checkpoints.get() }
}

extension ImageDataset {
    func replacing(train: [ImageSample]? = nil, test: [ImageSample]? = nil) -> ImageDataset {
        ImageDataset(name: name, classNames: classNames, train: train ?? self.train, test: test ?? self.test)
    }
}

extension ImageSample {
    /// The sample with another file.
    func at(_ path: String) -> ImageSample {
        ImageSample(path: path, relativePath: relativePath, label: label, box: box, officialID: officialID)
    }
}

extension TrainingConfiguration {
    /// One epoch of batches of 8 images of 32 pixels. Runs whose checkpoints do not matter share an output.
    static func small(
        output: String = "\(TrainingFixture.folder)/discarded",
        _ change: (inout TrainingConfiguration) -> Void = { _ in }
    ) -> TrainingConfiguration {
        var configuration = TrainingConfiguration(data: "birds", output: output)
        configuration.imageSize = 32
        configuration.batchSize = 8
        configuration.epochs = 1
        configuration.learningRate = 0.01
        configuration.threads = 1
        configuration.seed = 7
        change(&configuration)
        return configuration
    }
}
