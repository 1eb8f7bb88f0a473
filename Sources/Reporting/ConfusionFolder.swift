import Datasets
import Foundation
import Training

/// A folder of what an evaluation says of each class: `classes.csv`, `confusion.csv`, `confusion.png`, `pairs.csv`.
public struct ConfusionFolder {
    private let path: String

    /// Makes the folder where needed, and checks that it can be written to before the work of evaluating.
    /// - Throws: `ReportError`.
    public init(path: String) throws {
        self.path = path
        do {
            try FileManager.default.createDirectory(atPath: path, withIntermediateDirectories: true)
        } catch {
            throw ReportError.unwritable(path: path, reason: error.localizedDescription)
        }
        try TextFile.checkWritable("\(path)/classes.csv")
    }

    /// Replaces the files.
    /// - Throws: `ReportError`.
    public func write(_ matrix: ConfusionMatrix, classNames: [String]) throws {
        let classes = classNames.indices
        var accuracies = CSV.row(["class", "images", "correct", "accuracy"])
        var confusion = CSV.row(["label"] + classNames)
        for label in classes {
            let accuracy = matrix.accuracy(of: label).map { String(format: "%.6f", $0) } ?? ""
            accuracies += CSV.row([
                classNames[label], String(matrix.count(of: label)), String(matrix[label, label]), accuracy,
            ])
            confusion += CSV.row([classNames[label]] + classes.map { String(matrix[label, $0]) })
        }
        var pairs = CSV.row(["label", "predicted", "images", "share"])
        for pair in matrix.confusedPairs {
            pairs += CSV.row([
                classNames[pair.label], classNames[pair.predicted], String(pair.count),
                String(format: "%.6f", pair.share),
            ])
        }
        try TextFile.replace("\(path)/classes.csv", with: accuracies)
        try TextFile.replace("\(path)/confusion.csv", with: confusion)
        try TextFile.replace("\(path)/pairs.csv", with: pairs)
        let picture = "\(path)/confusion.png"
        do {
            try Data(PNGEncoder.encode(ConfusionImage(matrix).image)).write(
                to: URL(filePath: picture), options: .atomic)
        } catch {
            throw ReportError.unwritable(path: picture, reason: error.localizedDescription)
        }
    }

    /// The macro average and the classes most often confused, for people.
    public static func lines(_ matrix: ConfusionMatrix, classNames: [String], pairs: Int = 5) -> [String] {
        [String(format: "mean accuracy of the classes: %.2f %%", 100 * matrix.macroAverage)]
            + matrix.confusedPairs.prefix(pairs).map { pair in
                "\(classNames[pair.label]) taken for \(classNames[pair.predicted]): \(pair.count) of "
                    + "\(matrix.count(of: pair.label))"
            }
    }
}
