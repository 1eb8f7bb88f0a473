import Foundation
import Training

/// What a model says of images, one after another, as a table for people or as CSV or JSON lines for programs.
public struct ClassificationReport: Sendable {
    public enum Format: String, CaseIterable, Sendable {
        case table, csv, jsonl
    }

    /// What became of an image.
    public enum Outcome: Sendable {
        case classified(Prediction)
        /// Why it could not be read.
        case failed(String)
    }

    private let classNames: [String]
    private let topCount: Int
    private var rows: [(path: String, outcome: Outcome)] = []

    /// - Parameter topCount: classes of each image that are shown.
    public init(classNames: [String], topCount: Int) {
        self.classNames = classNames
        self.topCount = min(topCount, classNames.count)
    }

    public mutating func add(path: String, _ outcome: Outcome) { rows.append((path, outcome)) }

    /// All images in the order in which they were added.
    public func text(_ format: Format) -> String {
        switch format {
        case .table: table
        case .csv: csv
        case .jsonl: jsonLines
        }
    }

    /// Replaces a file by the text.
    /// - Throws: `ReportError`.
    public func write(_ format: Format, to path: String) throws { try TextFile.replace(path, with: text(format)) }

    /// Finds out whether the file can be written, before the work of classifying.
    /// - Throws: `ReportError`.
    public static func checkWritable(_ path: String) throws { try TextFile.checkWritable(path) }

    private func ranked(_ prediction: Prediction) -> [(index: Int, probability: Double)] {
        Array(zip(prediction.ranking, prediction.probabilities).prefix(topCount).map { ($0, $1) })
    }

    // MARK: Table

    /// A line a class, with the image on the first one of each.
    private var table: String {
        var lines: [[String]] = [["image", "probability", "class"]]
        for row in rows {
            switch row.outcome {
            case .classified(let prediction):
                for (place, entry) in ranked(prediction).enumerated() {
                    lines.append([
                        place == 0 ? row.path : "", String(format: "%9.2f %%", 100 * entry.probability),
                        classNames[entry.index],
                    ])
                }
            case .failed: lines.append([row.path, "", "(not readable)"])
            }
        }
        let widths = (0..<2).map { column in lines.map { $0[column].count }.max() ?? 0 }
        return lines.map { line in
            let padded = (0..<2).map { line[$0] + String(repeating: " ", count: widths[$0] - line[$0].count) }
            return "\(padded[0])  \(padded[1])  \(line[2])\n"
        }.joined()
    }

    // MARK: CSV

    private var csv: String {
        let columns = (1...topCount).flatMap { ["top\($0)", "probability\($0)"] }
        return CSV.row(["path"] + columns + ["error"])
            + rows.map { row in
                switch row.outcome {
                case .classified(let prediction):
                    let fields = ranked(prediction).flatMap {
                        [classNames[$0.index], String(format: "%.6f", $0.probability)]
                    }
                    return CSV.row([row.path] + fields + [""])
                case .failed(let reason):
                    return CSV.row([row.path] + columns.map { _ in "" } + [reason])
                }
            }.joined()
    }

    // MARK: JSON lines

    private struct Line: Encodable {
        struct Class: Encodable {
            /// The class's number, from 0.
            let index: Int
            let name: String
            let probability: Double
        }

        let path: String
        var classes: [Class]?
        var error: String?
    }

    private var jsonLines: String {
        let encoder = JSONEncoder()
        encoder.outputFormatting = [.withoutEscapingSlashes, .sortedKeys]
        return rows.map { row in
            var line = Line(path: row.path)
            switch row.outcome {
            case .classified(let prediction):
                line.classes = ranked(prediction).map {
                    Line.Class(index: $0.index, name: classNames[$0.index], probability: $0.probability)
                }
            case .failed(let reason): line.error = reason
            }
            guard let data = try? encoder.encode(line) else { preconditionFailure("a line of JSON has plain values") }
            return String(decoding: data, as: UTF8.self) + "\n"
        }.joined()
    }
}
