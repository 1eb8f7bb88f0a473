import ArgumentParser
import Collectives
import Datasets
import Kernels
import Training

/// A trained model that is to see images of any origin.
struct ModelArguments: ParsableArguments {
    @Option(help: "A checkpoint, or a run folder for its latest one.", completion: .directory) var checkpoint: String
    @Flag(help: "Take the weights' moving average, of a run with --ema.") var ema = false
    @Option(help: "Images resized with the centre cut out, or unchanged. (default: as in training)")
    var eval: TrainingConfiguration.EvaluationView?
    @Option(help: "Side of images with --eval center. (default: as in training)") var imageSize: Int?
    @Option(
        help: "The data set's folder, for checkpoints of earlier versions, which do not know their classes' names.",
        completion: .directory)
    var data: String?
    @OptionGroup var source: DatasetArguments

    func validate() throws {
        if let imageSize { try requireImageSize(imageSize) }
    }

    /// The model, and how it is to see images.
    /// - Parameter batchSize: images that it will mostly see at a time.
    /// - Throws: what is wrong with the checkpoint.
    func load(batchSize: Int, backend: any Backend) throws -> (trained: TrainedModel, preprocessing: Preprocessing) {
        let trained = try TrainedModel(
            checkpoint: checkpoint, average: ema, imageSize: imageSize, batchSize: batchSize, backend: backend)
        var preprocessing = trained.preprocessing
        if let eval { preprocessing.view = eval }
        // Images of any origin have no boxes.
        preprocessing.cropBoxes = false
        return (trained, preprocessing)
    }

    /// The classes' names, and what a user should know of them.
    /// - Throws: `DatasetError`; `TrainingError.otherClassCount` for another data set than the model's.
    func classNames(of trained: TrainedModel) throws -> (names: [String], warnings: [String]) {
        var warnings: [String] = []
        if trained.preprocessing.cropBoxes {
            warnings.append("the model was trained on images cut to their bounding boxes: cut these alike beforehand")
        }
        let classes = trained.model.configuration.classes
        if let names = trained.classNames { return (names, warnings) }
        guard let data else {
            warnings.append(
                "\(checkpoint) is of an earlier version and does not know its classes' names, so they are numbers from 0; "
                    + "--dataset and --data name the data set that has them")
            return ((0..<classes).map(String.init), warnings)
        }
        let dataset = try source.read(folder: data, checkingImages: false)
        guard dataset.classNames.count == classes else {
            throw TrainingError.otherClassCount(
                path: checkpoint, checkpoint: classes, dataset: dataset.classNames.count, name: dataset.name)
        }
        return (dataset.classNames, warnings)
    }
}
