import Models

/// Values of one option, separated by commas: `30,60,80`; or `none`.
public struct ValueList<Element: LosslessStringConvertible & Hashable & Sendable>: Hashable, Sendable {
    /// In the order given.
    public var values: [Element]

    /// A list as an option's value.
    public init(_ values: [Element]) {
        self.values = values
    }
}

extension ValueList: LosslessStringConvertible {
    /// What stands for no values.
    private static var none: String { "none" }

    /// Nil if a part is no value.
    public init?(_ text: String) {
        guard text != Self.none else {
            self.init([])
            return
        }
        let parts = text.split(separator: ",", omittingEmptySubsequences: false).map(String.init)
        let values = parts.compactMap { $0.isEmpty ? nil : Element($0) }
        guard values.count == parts.count else { return nil }
        self.init(values)
    }

    public var description: String { values.isEmpty ? Self.none : values.map(\.description).joined(separator: ",") }
}

extension ValueList: CodableAsText {
    public static var form: String { "values separated by commas" }
}
