import Datasets
import Foundation
import Training

/// Predictions as CSV: path, label, predicted, then the five most probable classes and their probabilities.
public struct PredictionsFile {
    private let path: String

    /// Checks that the file can be written, before the work of predicting.
    /// - Throws: `ReportError`.
    public init(path: String) throws {
        self.path = path
        try TextFile.checkWritable(path)
    }

    /// Writes one row a prediction, replacing what was there.
    ///
    /// - Parameters:
    ///   - image: an image by `Prediction.index`; the label of one without is left empty.
    /// - Throws: `ReportError`.
    public func write(
        _ predictions: [Prediction], classNames: [String], image: (Int) -> ImageSample
    ) throws {
        let ranks = min(5, classNames.count)
        var text = CSV.row(
            ["path", "label", "predicted"] + (1...ranks).flatMap { ["top\($0)", "probability\($0)"] })
        for prediction in predictions {
            let sample = image(prediction.index)
            let label = sample.isLabelled ? classNames[sample.label] : ""
            let ranking = zip(prediction.ranking, prediction.probabilities).flatMap { index, probability in
                [classNames[index], String(format: "%.6f", probability)]
            }
            text += CSV.row([sample.relativePath, label, classNames[prediction.ranking[0]]] + ranking)
        }
        try TextFile.replace(path, with: text)
    }
}
