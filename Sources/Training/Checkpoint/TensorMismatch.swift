import Safetensors

/// How the tensors of a file differ from those that a model has.
public struct TensorMismatch: Error, Hashable, CustomStringConvertible {
    /// A tensor whose shape is not the model's.
    public struct ShapeDifference: Hashable, Sendable {
        /// The tensor's.
        public let name: String
        /// The model's shape.
        public let expected: [Int]
        /// The file's shape.
        public let found: [Int]
    }

    /// The file; nil for one made in memory.
    public let path: String?
    /// Names the model has and the file lacks.
    public let missing: [String]
    /// Names the file has and the model lacks.
    public let unexpected: [String]
    /// Tensors of other shapes than the model's.
    public let reshaped: [ShapeDifference]

    public var description: String {
        var parts: [String] = []
        if !missing.isEmpty { parts.append("missing from it: \(list(missing) { "'\($0)'" })") }
        if !unexpected.isEmpty { parts.append("unknown to the model: \(list(unexpected) { "'\($0)'" })") }
        if !reshaped.isEmpty {
            parts.append("of another shape: " + list(reshaped) { "'\($0.name)' \($0.found), not \($0.expected)" })
        }
        return "\(path ?? "the file") is of another model: \(parts.joined(separator: "; ")). Choose the architecture, "
            + "attention and number of classes it was trained with"
    }

    private func list<Element>(_ elements: [Element], _ text: (Element) -> String) -> String {
        let first = elements.prefix(3).map(text).joined(separator: ", ")
        return elements.count > 3 ? "\(first) and \(elements.count - 3) more" : first
    }
}

extension SafetensorsFile {
    /// Checks that the file has exactly these tensors, by name and shape.
    /// - Throws: `TensorMismatch` with every difference.
    public func requireTensors(_ expected: [(name: String, shape: [Int])]) throws(TensorMismatch) {
        let known = Set(expected.map(\.name))
        let mismatch = TensorMismatch(
            path: path,
            missing: expected.map(\.name).filter { self[$0] == nil },
            unexpected: names.filter { !known.contains($0) },
            reshaped: reshaped(expected))
        if !mismatch.missing.isEmpty || !mismatch.unexpected.isEmpty || !mismatch.reshaped.isEmpty { throw mismatch }
    }

    /// Checks that those of these tensors that the file has are of these shapes.
    /// - Throws: `TensorMismatch` with every difference.
    func requireShapes(_ expected: [(name: String, shape: [Int])]) throws(TensorMismatch) {
        let reshaped = reshaped(expected)
        if !reshaped.isEmpty {
            throw TensorMismatch(path: path, missing: [], unexpected: [], reshaped: reshaped)
        }
    }

    private func reshaped(_ expected: [(name: String, shape: [Int])]) -> [TensorMismatch.ShapeDifference] {
        expected.compactMap { name, shape in
            guard let found = self[name]?.shape, found != shape else { return nil }
            return .init(name: name, expected: shape, found: found)
        }
    }
}
