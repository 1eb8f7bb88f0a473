import Benchmarking
import Foundation
import Reporting

extension [Figure] {
    /// Prints a line a figure, and writes all as JSON if a file is named.
    func report(json: String?) throws {
        for figure in self { printLine(figure.description) }
        if let json { try JSONEncoder().encode(self).write(to: URL(filePath: json), options: .atomic) }
    }
}
