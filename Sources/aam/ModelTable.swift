import Foundation
import Kernels
import Models
import Tensors

/// The layers of a model, for `--print-model`.
struct ModelTable: CustomStringConvertible {
    let description: String

    init(_ configuration: ModelConfiguration, imageSize: Int) {
        var generator = RandomGenerator(0)
        let model = ResNet(
            configuration, input: [1, 3, imageSize, imageSize], backend: ReferenceBackend(), generator: &generator)
        let rows = model.summaries
        func line(_ cells: [String]) -> String {
            let widths = [-32, -18, -20, 12, 10]
            return zip(cells, widths).map { cell, width in
                let padding = String(repeating: " ", count: max(0, abs(width) - cell.count))
                return width < 0 ? cell + padding : padding + cell
            }.joined(separator: " ")
        }
        func millions(_ operations: Int) -> String { String(format: "%.1f", Double(operations) / 1e6) }
        var lines = [line(["layer", "kind", "output", "parameters", "MFLOP"])]
        lines += rows.map { row in
            line([
                row.name, row.kind, row.outputShape.description, String(row.parameters), millions(row.operations),
            ])
        }
        lines.append(
            line([
                "total", "", "", String(rows.reduce(0) { $0 + $1.parameters }),
                millions(rows.reduce(0) { $0 + $1.operations }),
            ]))
        lines.append(
            "Of a forward on one image of \(imageSize) x \(imageSize); a multiply-add counts as two operations.")
        description = lines.joined(separator: "\n")
    }
}
