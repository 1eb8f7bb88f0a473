import Foundation

extension HTML {
    /// A value as JSON that the page's script reads by the element's id.
    static func data(_ value: some Encodable, id: String) -> HTML {
        let encoder = JSONEncoder()
        encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes]
        guard let json = try? encoder.encode(value) else {
            preconditionFailure("the script's data has only texts and finite numbers")
        }
        // Nothing in it may end the element or begin a comment.
        let text = String(decoding: json, as: UTF8.self).replacing("<", with: "\\u003c")
        return "<script type=\"application/json\" id=\"\(id)\">\(HTML(verbatim: text))</script>"
    }
}
