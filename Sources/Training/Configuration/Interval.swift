import Models

/// A range of values as one option: `0.08,1`.
public struct Interval: Hashable, Sendable {
    /// From the least to the greatest value.
    public let range: ClosedRange<Double>

    /// The range as an option's value.
    public init(_ range: ClosedRange<Double>) {
        self.range = range
    }
}

extension Interval: LosslessStringConvertible {
    /// The least and the greatest value, or the least alone where the greatest is 1.
    public init?(_ text: String) {
        guard let list = ValueList<Double>(text), list.values.allSatisfy(\.isFinite),
            (1...2).contains(list.values.count)
        else { return nil }
        let (least, greatest) = (list.values[0], list.values.count == 2 ? list.values[1] : 1)
        guard least <= greatest else { return nil }
        range = least...greatest
    }

    public var description: String { "\(range.lowerBound),\(range.upperBound)" }
}

extension Interval: CodableAsText {
    public static var form: String { "a least and a greatest number separated by a comma" }
}
