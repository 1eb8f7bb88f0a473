/// Something that the user should know, and what to do about it.
public struct Finding: Codable, Hashable, Sendable {
    public enum Severity: String, Codable, Comparable, CaseIterable, Sendable {
        /// Worth knowing.
        case note
        /// Works, but slower or with more risk than it need be.
        case warning
        /// A run would fail, or the ranks would not do the same.
        case problem

        public static func < (left: Severity, right: Severity) -> Bool {
            allCases.firstIndex(of: left) ?? 0 < allCases.firstIndex(of: right) ?? 0
        }
    }

    public let severity: Severity
    public let message: String
    /// What to do.
    public let hint: String

    public init(_ severity: Severity, _ message: String, hint: String) {
        self.severity = severity
        self.message = message
        self.hint = hint
    }
}
