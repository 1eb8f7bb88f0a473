/// Text cut into lines at spaces.
enum WrappedText {
    /// The lines of `text`, none longer than `width` unless one word is.
    static func lines(_ text: String, width: Int) -> [String] {
        var lines: [String] = []
        for word in text.split(separator: " ") {
            if let last = lines.last, last.count + 1 + word.count <= width {
                lines[lines.count - 1] = "\(last) \(word)"
            } else {
                lines.append(String(word))
            }
        }
        return lines.isEmpty ? [""] : lines
    }

    /// `text` after `head`, further lines below the text.
    static func lines(_ text: String, after head: String, width: Int) -> [String] {
        let indentation = String(repeating: " ", count: head.count)
        return lines(text, width: max(20, width - head.count)).enumerated().map { index, line in
            (index == 0 ? head : indentation) + line
        }
    }
}
