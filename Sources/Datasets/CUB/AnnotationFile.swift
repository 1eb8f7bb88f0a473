import Foundation

/// A text file of CUB's kind: each row a whole number, the id, a space, and the rest.
struct AnnotationFile {
    struct Row {
        let id: Int
        let rest: Substring
        let line: Int
    }

    let path: String
    let rows: [Row]

    /// Reads all rows; blank lines are passed over.
    /// - Throws: `DatasetError.unreadableFile`, `.emptyFile`, `.malformedRow`, `.duplicateID`.
    init(path: String, expected: String) throws {
        self.path = path
        let text: String
        do {
            text = String(decoding: try readFile(path), as: UTF8.self)
        } catch ImageError.unreadable(_, let reason) {
            throw DatasetError.unreadableFile(path: path, reason: reason)
        }

        var rows: [Row] = []
        var lineOfID: [Int: Int] = [:]
        var line = 0
        // "\r\n" is one Character, so the lines are cut by scalars.
        for content in text.unicodeScalars.split(separator: "\n", omittingEmptySubsequences: false) {
            line += 1
            let row = Substring(content).trimmingWhitespace()
            guard !row.isEmpty else { continue }
            let location = FileLocation(path: path, line: line)
            guard let space = row.firstIndex(where: \.isWhitespace), let id = Int(row[..<space]) else {
                throw DatasetError.malformedRow(location, row: String(row), expected: expected)
            }
            if let firstLine = lineOfID.updateValue(line, forKey: id) {
                throw DatasetError.duplicateID(location, id: id, firstLine: firstLine)
            }
            rows.append(Row(id: id, rest: row[space...].trimmingWhitespace(), line: line))
        }
        guard !rows.isEmpty else { throw DatasetError.emptyFile(path: path) }
        self.rows = rows
    }

    func location(of row: Row) -> FileLocation { FileLocation(path: path, line: row.line) }

    /// What `parse` makes of each row, by id.
    /// - Throws: `DatasetError.malformedRow` for the first row of which it makes nothing.
    func values<Value>(
        expected: String, parse: (Substring, FileLocation) throws -> Value?
    ) throws -> [Int: Value] {
        var values: [Int: Value] = [:]
        values.reserveCapacity(rows.count)
        for row in rows {
            let location = FileLocation(path: path, line: row.line)
            guard let value = try parse(row.rest, location) else {
                throw DatasetError.malformedRow(location, row: "\(row.id) \(row.rest)", expected: expected)
            }
            values[row.id] = value
        }
        return values
    }
}

extension Substring {
    fileprivate func trimmingWhitespace() -> Substring {
        guard let last = lastIndex(where: { !$0.isWhitespace }) else { return "" }
        return self[...last].drop(while: \.isWhitespace)
    }
}
