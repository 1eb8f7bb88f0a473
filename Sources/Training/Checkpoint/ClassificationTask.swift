import Datasets
import Foundation

/// What a model tells apart, and how it is to see images: with it, a model file is all that classifying images takes.
public struct ClassificationTask: Hashable, Sendable {
    /// The data set's name, as reports have it.
    public var dataset: String
    /// In the order of the logits.
    public var classNames: [String]
    /// How images are shown to the model.
    public var preprocessing: Preprocessing

    /// What a model file is to tell.
    public init(dataset: String, classNames: [String], preprocessing: Preprocessing) {
        self.dataset = dataset
        self.classNames = classNames
        self.preprocessing = preprocessing
    }
}

/// How images become what a model sees in an evaluation. The resizing is an antialiased bilinear one (`EvaluationTransform`);
/// pixels are normalised by `PixelNormalization.imageNet`.
public struct Preprocessing: Hashable, Sendable {
    /// Side of the square that is cut out, unless the view is the native one.
    public var imageSize: Int
    /// Whether the centre is cut out or the image stays as it is.
    public var view: TrainingConfiguration.EvaluationView
    /// Whether images are cut to their bounding boxes first.
    public var cropBoxes: Bool

    /// The given view of images.
    public init(imageSize: Int, view: TrainingConfiguration.EvaluationView, cropBoxes: Bool) {
        self.imageSize = imageSize
        self.view = view
        self.cropBoxes = cropBoxes
    }

    /// What turns an image into the model's view of it.
    public var transform: any ImageTransform {
        switch view {
        case .center: EvaluationTransform(imageSize: imageSize, croppingToBox: cropBoxes)
        case .native: NativeTransform(croppingToBox: cropBoxes)
        }
    }
}

// MARK: - In a model file's metadata

extension ClassificationTask {
    static let classNamesKey = "class-names"

    /// As a model file's metadata records it, next to the model's configuration: numbers in decimal, lists with commas, the
    /// class names as a JSON array.
    var metadata: [String: String] {
        let names = (try? JSONEncoder().encode(classNames)).map { String(decoding: $0, as: UTF8.self) }
        return preprocessing.metadata.merging(["dataset": dataset, Self.classNamesKey: names ?? "[]"]) { $1 }
    }

    /// The class names in a model file's metadata; nil in older files.
    /// - Throws: `TrainingError.notAModel` if they are not a list of as many names as there are classes.
    static func classNames(in metadata: [String: String], classes: Int, path: String) throws -> [String]? {
        guard let text = metadata[classNamesKey] else { return nil }
        guard let names = try? JSONDecoder().decode([String].self, from: Data(text.utf8)), names.count == classes else {
            throw TrainingError.notAModel(path: path, key: classNamesKey)
        }
        return names
    }
}

extension Preprocessing {
    var metadata: [String: String] {
        func list(_ values: [Float]) -> String { values.map { "\($0)" }.joined(separator: ",") }
        return [
            "image-size": String(imageSize), "eval": view.rawValue, "crop-boxes": String(cropBoxes),
            "crop-ratio": "\(EvaluationTransform.usualCropRatio)", "pixel-mean": list(PixelNormalization.imageNet.mean),
            "pixel-deviation": list(PixelNormalization.imageNet.deviation),
        ]
    }

    /// What `metadata`, or in older runs the options of the run, say; 224 pixels and the centre where they say nothing.
    init(in metadata: [String: String], options: [String: String]) {
        func value(_ key: String) -> String? { metadata[key] ?? options[key] }
        self.init(
            imageSize: value("image-size").flatMap { Int($0) } ?? 224,
            view: value("eval").flatMap(TrainingConfiguration.EvaluationView.init) ?? .center,
            cropBoxes: value("crop-boxes") == "true")
    }
}

extension TrainingConfiguration {
    var preprocessing: Preprocessing {
        Preprocessing(imageSize: imageSize, view: evaluationView, cropBoxes: cropBoxes)
    }
}
