import Tensors

/// A row of `aam train --print-model`.
public struct LayerSummary: Sendable {
    /// As in the parameters' names.
    public let name: String
    /// For a reader, as in `conv 3x3 /2`.
    public let kind: String
    /// Of one image: (1, C, H, W) or (1, C).
    public let outputShape: Shape
    /// Numbers that training moves.
    public let parameters: Int
    /// Floating-point operations of a forward on one image; a multiply-add counts as two.
    public let operations: Int

    init(name: String, kind: String, outputShape: Shape, parameters: Int, operations: Int) {
        self.name = name
        self.kind = kind
        self.outputShape = outputShape
        self.parameters = parameters
        self.operations = operations
    }

    init(_ name: String, _ attention: AttentionLayer, shape: Shape) {
        self.init(
            name: name, kind: "attention", outputShape: shape,
            parameters: attention.parameters.reduce(0) { $0 + $1.shape.elementCount },
            operations: attention.operations(for: shape))
    }
}
