import Collectives

/// A run that cannot start or go on.
public enum TrainingError: ExplainedError, Hashable {
    /// Every rank needs at least one image of each batch.
    case batchSmallerThanRanks(batchSize: Int, ranks: Int)
    /// The data set has nothing to train on.
    case noTrainingImages(dataset: String, data: String)
    /// The split to validate or evaluate on is empty.
    case noImages(split: String, dataset: String, data: String)
    /// The loss is not a number any more.
    case lossNotFinite(loss: String, epoch: Int, step: Int, learningRate: Double)
    /// A step made parameters infinite or not numbers.
    case parametersNotFinite(epoch: Int, step: Int)
    /// The model has no finite scores for an image.
    case scoresNotFinite(image: String)
    /// The checkpoint is the end of a run of as many epochs as are asked for.
    case finishedAlready(path: String, epochs: Int)
    /// A checkpoint within an epoch continues only with the batches it was made with.
    case otherDataOrder(path: String, option: String, was: String, given: String)
    /// A checkpoint stands further in an epoch than the data set's epochs are long.
    case otherEpochLength(path: String, batches: Int, dataset: String, data: String, batchesPerEpoch: Int)
    /// A checkpoint within an epoch continues only with the images it was made with.
    case otherTrainingImages(path: String, dataset: String, data: String)
    /// The checkpoint's model tells another number of classes apart than the data set has.
    case otherClassCount(path: String, checkpoint: Int, dataset: Int, name: String)
    /// The checkpoint's model differs in an option.
    case otherModel(path: String, option: String, checkpoint: String, given: String)
    /// A model file's metadata lacks a key or has nonsense there.
    case notAModel(path: String, key: String)
    /// CC-Loss gives each class channels of its own.
    case tooFewChannels(channels: Int, classes: Int, eta: String)
    /// CC-Loss and centre loss need images of one class.
    case mixedImages(loss: String)
    /// The file has no tensor that the model could take.
    case noPretrainedWeights(path: String, names: [String])
    /// A layer to be frozen that the model does not have.
    case unknownLayer(String, layers: [String])
    /// No layer is left to train.
    case everythingFrozen
    /// The checkpoint is the end of a run that stopped early.
    case stoppedAlready(path: String, patience: Int)
    /// The checkpoint's run kept no moving average of its weights.
    case noAverage(path: String)
    /// The file of a trace cannot be written.
    case traceNotWritten(path: String, reason: String)

    public var description: String {
        switch self {
        case .batchSmallerThanRanks(let batchSize, let ranks):
            "the global batch of \(batchSize) images is smaller than the number of ranks, \(ranks)"
        case .noTrainingImages(let dataset, let data):
            "\(dataset) in \(data) has no training images"
        case .noImages(let split, let dataset, let data):
            "\(dataset) in \(data) has no images in its \(split) split"
        case .lossNotFinite(let loss, let epoch, let step, let learningRate):
            "the loss is \(loss) at step \(step), in epoch \(epoch + 1), with learning rate \(learningRate)"
        case .parametersNotFinite(let epoch, let step):
            "parameters are infinite or not numbers after step \(step), in epoch \(epoch + 1)"
        case .scoresNotFinite(let image):
            "the model's scores of \(image) are infinite or not numbers"
        case .finishedAlready(let path, let epochs):
            "\(path) is the end of a run of \(epochs) epochs: there is nothing left to train"
        case .otherDataOrder(let path, let option, let was, let given):
            "\(path) stands within an epoch of a run with --\(option) \(was), not \(given)"
        case .otherEpochLength(let path, let batches, let dataset, let data, let batchesPerEpoch):
            "\(path) stands after batch \(batches) of an epoch, but an epoch of \(dataset) in \(data) has "
                + "\(batchesPerEpoch)"
        case .otherTrainingImages(let path, let dataset, let data):
            "\(path) stands within an epoch of other training images than those of \(dataset) in \(data): their number, names, "
                + "labels, boxes or order differ"
        case .otherClassCount(let path, let checkpoint, let dataset, let name):
            "\(path) is of a model of \(checkpoint) classes, but \(name) has \(dataset)"
        case .otherModel(let path, let option, let checkpoint, let given):
            "\(path) is of another model: its --\(option) is \(checkpoint), not \(given)"
        case .tooFewChannels(let channels, let classes, let eta):
            "CC-Loss with --eta \(eta) cannot share out the last feature map's \(channels) channels to \(classes) classes"
        case .mixedImages(let loss):
            "--loss \(loss) cannot be combined with --mixup or --cutmix: its images are of one class each"
        case .noPretrainedWeights(let path, let names):
            "\(path) has no weights of a ResNet: its names are such as \(names.joined(separator: ", "))"
        case .unknownLayer(let name, _):
            "the model has no layer \(name) to freeze"
        case .everythingFrozen:
            "every layer of the model is frozen: there is nothing to train"
        case .stoppedAlready(let path, let patience):
            "\(path) is the end of a run that stopped early: the best validation is \(patience) epochs old or older"
        case .noAverage(let path):
            "\(path) has no moving average of the weights"
        case .traceNotWritten(let path, let reason):
            "the trace \(path) cannot be written: \(reason)"
        case .notAModel(let path, let key):
            "\(path) does not say which model it is of: its metadata has no usable \"\(key)\""
        }
    }

    public var hint: String? {
        switch self {
        case .batchSmallerThanRanks(_, let ranks):
            "give --batch-size \(ranks) or more, or start fewer ranks"
        case .noTrainingImages, .noImages:
            "check that --data names the right folder and that its annotation files list images of this split"
        case .lossNotFinite, .parametersNotFinite:
            "lower --learning-rate; the last checkpoint is unharmed (--resume auto continues from it)"
        case .scoresNotFinite:
            "the weights are spoilt or too large: take an earlier checkpoint, or lower --learning-rate"
        case .finishedAlready(_, let epochs):
            "give --epochs above \(epochs) to train longer, or another --output for a new run"
        case .otherDataOrder(_, let option, let was, _):
            "give --\(option) \(was), or resume from a checkpoint at the end of an epoch"
        case .otherEpochLength, .otherTrainingImages:
            "give the --data that the run was started with, or resume from a checkpoint at the end of an epoch"
        case .otherClassCount:
            "evaluate on the data set the model was trained for"
        case .otherModel(_, let option, let checkpoint, _):
            "give --\(option) \(checkpoint), or --resume never and another --output to train anew"
        case .unknownLayer(_, let layers):
            "give --freeze names that parameters begin with: \(layers.joined(separator: ", ")), or parts of them such as "
                + "layer1.0 (aam train --print-model lists them)"
        case .everythingFrozen:
            "leave at least the last layer, fc, out of --freeze"
        case .stoppedAlready(_, let patience):
            "give --patience above \(patience), or 0, to train longer, or another --output for a new run"
        case .noAverage:
            "evaluate without --ema, or train with --ema DECAY"
        case .notAModel:
            "name a checkpoint's folder that aam wrote"
        case .tooFewChannels(let channels, let classes, _):
            channels < classes
                ? "choose a --model with more channels, or another --loss"
                : "give --eta auto, or at most \(channels / classes)"
        case .mixedImages:
            "leave --mixup and --cutmix at 0, or choose --loss cross-entropy"
        case .noPretrainedWeights:
            "give a safetensors file with torchvision's or timm's names, such as conv1.weight and layer1.0.conv1.weight"
        case .traceNotWritten:
            "give --trace a file in a folder that exists and may be written to"
        }
    }
}
