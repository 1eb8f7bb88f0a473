import Benchmarking
import Reporting

extension [Figure] {
    /// Prints one a line, and writes them all to a file if it is named.
    func report(json: String?) throws {
        for figure in self { printLine(figure.description) }
        if let json { try replaceJSON(json, with: self) }
    }
}
