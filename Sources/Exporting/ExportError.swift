import Collectives

/// A model that cannot be exported.
public enum ExportError: ExplainedError, Hashable {
    case notFinite(tensor: String, value: Float)

    public var description: String {
        switch self {
        case .notFinite(let tensor, let value): "the weights are spoilt: \(tensor) holds \(value)"
        }
    }

    public var hint: String? {
        switch self {
        case .notFinite: "export an earlier checkpoint"
        }
    }
}
