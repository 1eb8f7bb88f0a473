import Collectives
import Datasets

extension TrainedModel {
    /// Classifies image files as validations of the run did, on this process alone. They are not cut to boxes, as files
    /// alone have none.
    ///
    /// - Parameters:
    ///   - files: paths of JPEG and PNG images.
    ///   - batchSize: images classified at a time.
    /// - Returns: a prediction a file, in their order. Class numbers are places in `classNames`.
    /// - Throws: `ImageError` for the first file that cannot be read; `TrainingError.scoresNotFinite`; `ThreadError`.
    public func classify(_ files: [String], batchSize: Int = 16) throws -> [Prediction] {
        let samples = files.enumerated().map { index, path in
            ImageSample(path: path, relativePath: path, label: ImageSample.unknownLabel, officialID: index + 1)
        }
        let evaluator = Evaluator(
            samples: samples, view: preprocessing.view, imageSize: preprocessing.imageSize, cropBoxes: false,
            batchSize: batchSize, loaderThreads: 1, skipUnreadable: false)
        return try evaluator.run(model, on: SingleProcess()).predictions
    }
}
