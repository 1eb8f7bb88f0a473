/// The lines of a text file that are not blank, with their numbers from 1, without white space at both ends.
/// - Throws: `DatasetError.unreadableFile`.
func textLines(_ path: String) throws -> [(line: Int, text: Substring)] {
    let text = String(decoding: try annotationBytes(path), as: UTF8.self)
    // "\r\n" is one Character, so the lines are cut by scalars.
    let lines = text.unicodeScalars.split(separator: "\n", omittingEmptySubsequences: false)
    return lines.enumerated().compactMap { number, line in
        let row = Substring(line).trimmingWhitespace()
        return row.isEmpty ? nil : (number + 1, row)
    }
}

/// The contents of an annotation file.
/// - Throws: `DatasetError.unreadableFile`.
func annotationBytes(_ path: String) throws -> [UInt8] {
    do {
        return try readFile(path)
    } catch ImageError.unreadable(_, let reason) {
        throw DatasetError.unreadableFile(path: path, reason: reason)
    }
}

extension Substring {
    func trimmingWhitespace() -> Substring {
        guard let last = lastIndex(where: { !$0.isWhitespace }) else { return "" }
        return self[...last].drop(while: \.isWhitespace)
    }
}
