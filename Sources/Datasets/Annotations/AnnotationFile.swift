import Foundation

/// A text file of rows that each are a whole number, the id, a space, and the rest: CUB's and FGVC-Aircraft's kind.
struct AnnotationFile {
    struct Row {
        let id: Int
        /// The id as it stands there: it may start with zeros.
        let idText: Substring
        let rest: Substring
        let line: Int
    }

    let path: String
    let rows: [Row]

    /// Reads all rows; blank lines are passed over.
    /// - Throws: `DatasetError.unreadableFile`, `.emptyFile`, `.malformedRow`, `.duplicateID`.
    init(path: String, expected: String, allowingNone: Bool = false) throws {
        self.path = path
        var rows: [Row] = []
        var lineOfID: [Int: Int] = [:]
        for (line, row) in try textLines(path) {
            let location = FileLocation(path: path, line: line)
            guard let space = row.firstIndex(where: \.isWhitespace), let id = Int(row[..<space]) else {
                throw DatasetError.malformedRow(location, row: String(row), expected: expected)
            }
            if let firstLine = lineOfID.updateValue(line, forKey: id) {
                throw DatasetError.duplicateID(location, id: id, firstLine: firstLine)
            }
            rows.append(Row(id: id, idText: row[..<space], rest: row[space...].trimmingWhitespace(), line: line))
        }
        guard !rows.isEmpty || allowingNone else { throw DatasetError.emptyFile(path: path) }
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
            let location = location(of: row)
            guard let value = try parse(row.rest, location) else {
                throw DatasetError.malformedRow(location, row: "\(row.id) \(row.rest)", expected: expected)
            }
            values[row.id] = value
        }
        return values
    }
}
