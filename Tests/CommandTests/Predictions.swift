import Foundation
import Testing

/// The CSV file of `aam evaluate --predictions`; the tests' class names and paths need no quotes.
struct Predictions {
    struct Row {
        let path, label, predicted: String
        /// Most probable first.
        let ranking: [(name: String, probability: Double)]
    }

    let rows: [Row]

    /// - Parameter ranks: classes that a row ranks.
    init(_ path: String, ranks: Int) throws {
        let lines = try text(of: path).split(separator: "\n")
        let columns = ["path", "label", "predicted"] + (1...ranks).flatMap { ["top\($0)", "probability\($0)"] }
        try #require(lines[0] == columns.joined(separator: ","))
        rows = try lines.dropFirst().map { line in
            let fields = line.split(separator: ",", omittingEmptySubsequences: false).map(String.init)
            try #require(fields.count == columns.count, "\(line)")
            return Row(
                path: fields[0], label: fields[1], predicted: fields[2],
                ranking: try stride(from: 3, to: fields.count, by: 2).map {
                    (fields[$0], try #require(Double(fields[$0 + 1]), "\(line)"))
                })
        }
    }

    var correct: Int { rows.count { $0.label == $0.predicted } }

    /// Each row names known classes, ranked by probability.
    func expectSound(classes: Set<String>) {
        for row in rows {
            #expect(row.predicted == row.ranking[0].name)
            #expect(classes.contains(row.label))
            #expect(classes.isSuperset(of: row.ranking.map(\.name)))
            #expect(Set(row.ranking.map(\.name)).count == row.ranking.count)
            let probabilities = row.ranking.map(\.probability)
            #expect(probabilities == probabilities.sorted(by: >), "\(row.path)")
            // Six decimals each.
            #expect(probabilities.allSatisfy { $0 >= 0 } && probabilities.reduce(0, +) <= 1 + 5e-6, "\(row.path)")
        }
    }
}
