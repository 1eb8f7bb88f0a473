/// A version of ONNX's operators.
public struct OperatorSet: Hashable, Sendable {
    public let version: Int

    /// Those whose operators a translation is written for and tested with.
    public static let supported = 17...25
    public static let oldest = OperatorSet(version: supported.lowerBound)

    private init(version: Int) { self.version = version }

    /// Nil if it is not supported.
    public init?(_ version: Int) {
        guard Self.supported.contains(version) else { return nil }
        self.version = version
    }

    /// The version of the file format that came with it (ONNX's docs/Versioning.md).
    var format: Int64 {
        switch version {
        case ...18: 8
        case ...20: 9
        case ...22: 10
        case 23: 11
        case 24: 12
        default: 13
        }
    }

    /// Whether reductions read their axes as an input, and not as an attribute.
    var reductionsReadAxes: Bool { version >= 18 }
}
