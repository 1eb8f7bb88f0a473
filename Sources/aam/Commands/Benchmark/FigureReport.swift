import Benchmarking
import Foundation
import Reporting

/// Prints figures, and writes them to a file if one is given.
func report(_ figures: [Figure], json: String?) throws {
    for figure in figures { printLine(figure.description) }
    if let json { try JSONEncoder().encode(figures).write(to: URL(filePath: json), options: .atomic) }
}
