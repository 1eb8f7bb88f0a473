/// Markup. Its literals stand as they are; texts that are put into them are escaped, for elements and for quoted
/// attributes alike.
public struct HTML: Hashable, Sendable, ExpressibleByStringInterpolation {
    public private(set) var text: String

    public init(stringLiteral text: String) { self.text = text }

    public init(stringInterpolation interpolation: StringInterpolation) { text = interpolation.text }

    /// A text that is markup already, such as a style sheet's.
    init(verbatim text: String) { self.text = text }

    public struct StringInterpolation: StringInterpolationProtocol {
        fileprivate var text = ""

        public init(literalCapacity: Int, interpolationCount: Int) { text.reserveCapacity(2 * literalCapacity) }

        public mutating func appendLiteral(_ literal: String) { text += literal }
        public mutating func appendInterpolation(_ text: String) { self.text += HTML.escaped(text) }
        public mutating func appendInterpolation(_ number: Int) { text += String(number) }
        public mutating func appendInterpolation(_ markup: HTML) { text += markup.text }
        /// Nothing for nil.
        public mutating func appendInterpolation(_ markup: HTML?) { text += markup?.text ?? "" }
        public mutating func appendInterpolation(_ parts: [HTML]) { for part in parts { text += part.text } }
    }

    /// The text with the characters that mean something in HTML as references. Control characters, which HTML does not
    /// allow, become U+FFFD.
    public static func escaped(_ text: String) -> String {
        var result = ""
        for scalar in text.unicodeScalars {
            switch scalar {
            case "&": result += "&amp;"
            case "<": result += "&lt;"
            case ">": result += "&gt;"
            case "\"": result += "&quot;"
            case "'": result += "&#39;"
            case "\t", "\n": result.unicodeScalars.append(scalar)
            case _ where scalar.value < 0x20 || (0x7F..<0xA0).contains(scalar.value): result += "\u{FFFD}"
            default: result.unicodeScalars.append(scalar)
            }
        }
        return result
    }

    static func + (left: HTML, right: HTML) -> HTML { HTML(verbatim: left.text + right.text) }
}
