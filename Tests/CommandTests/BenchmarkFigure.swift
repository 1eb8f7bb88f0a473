import Foundation

/// A figure as `aam benchmark` writes it.
struct BenchmarkFigure: Decodable {
    let name: String
    let value: Double
    let unit: String
    let limit: Double?
    let limitName: String?

    static func read(_ path: String) throws -> [BenchmarkFigure] {
        try JSONDecoder().decode([BenchmarkFigure].self, from: Data(contentsOf: URL(filePath: path)))
    }
}
