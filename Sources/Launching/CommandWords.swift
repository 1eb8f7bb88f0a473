/// The words of a command as a shell splits them: at blanks, except within '…' and "…" and after a backslash.
///
/// Nothing is expanded: a `$` or a `*` is just that.
/// - Throws: `UnclosedQuote`.
public func commandWords(_ text: String) throws(UnclosedQuote) -> [String] {
    var words: [String] = []
    // nil between words: '' is a word, too.
    var word: String?
    var quote: Character?
    var isEscaped = false
    for character in text {
        if isEscaped {
            // Within "…" a backslash is one, unless it stands before what would end or escape.
            word = (word ?? "") + (quote != nil && !"\"\\$`".contains(character) ? "\\" : "") + String(character)
            isEscaped = false
        } else if character == "\\", quote != "'" {
            isEscaped = true
        } else if character == quote {
            quote = nil
        } else if quote == nil, "'\"".contains(character) {
            quote = character
            word = word ?? ""
        } else if quote == nil, character.isWhitespace {
            if let word { words.append(word) }
            word = nil
        } else {
            word = (word ?? "") + String(character)
        }
    }
    guard quote == nil, !isEscaped else { throw UnclosedQuote(text: text) }
    return words + (word.map { [$0] } ?? [])
}

/// A command that ends within a quotation.
public struct UnclosedQuote: Error, Hashable, CustomStringConvertible {
    public let text: String

    public var description: String { "a quotation is not closed in: \(text)" }
}
