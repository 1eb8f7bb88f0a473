import Foundation
import Training

/// A confusion matrix as a drawing: a row a class, a column a class that it was taken for. Cells of about the same share
/// are one path, so that also hundreds of classes draw at once.
package struct ConfusionGrid {
    /// Shades of each kind of cell.
    package static let levels = 6
    private let matrix: ConfusionMatrix

    package init(_ matrix: ConfusionMatrix) { self.matrix = matrix }

    /// The shade of a share above 0, from 1. Single mistakes are to be seen.
    package static func level(_ share: Double) -> Int { min(levels, 1 + Int(share.squareRoot() * Double(levels))) }

    package var svg: HTML {
        var paths: [String: String] = [:]
        for label in 0..<matrix.classes {
            for predicted in 0..<matrix.classes where matrix[label, predicted] > 0 {
                let kind = label == predicted ? "right" : "wrong"
                let level = Self.level(matrix.share(label, predicted))
                paths["\(kind) level-\(level)", default: ""] += "M\(predicted) \(label)h1v1h-1z"
            }
        }
        let drawn = paths.sorted { $0.key < $1.key }.map { name, path -> HTML in
            "<path class=\"cell \(name)\" d=\"\(path)\"/>"
        }
        let side = matrix.classes
        return """
            <svg viewBox="0 0 \(side) \(side)" role="img" shape-rendering="crispEdges" \
            aria-label="Confusion matrix of \(side) classes"><rect class="ground" width="\(side)" height="\(side)"/>\
            \(drawn)</svg>
            """
    }

    /// Label, predicted class and count of every cell that is not empty, one after the other.
    package var cells: [Int] {
        (0..<matrix.classes).flatMap { label in
            (0..<matrix.classes).filter { matrix[label, $0] > 0 }.flatMap { [label, $0, matrix[label, $0]] }
        }
    }
}
