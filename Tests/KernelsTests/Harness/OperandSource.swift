import Tensors

/// Draws the operands of a case; the same seed draws the same ones for every backend.
struct OperandSource {
    enum Kind: Sendable, CaseIterable {
        /// -3 ... 3: sums of products stay exact in single precision, so that results can be compared with `==`.
        case integers
        /// Standard normal, rounded to single precision.
        case normals
    }

    let kind: Kind
    private var generator: RandomGenerator

    init(_ kind: Kind, seed: UInt64) {
        self.kind = kind
        generator = RandomGenerator(seed)
    }

    /// - Parameter scale: What normal numbers are multiplied by; integers are not.
    mutating func tensor(_ shape: Shape, scale: Double = 1) -> DoubleTensor {
        let elements = (0..<shape.elementCount).map { _ in
            switch kind {
            case .integers: Double(generator.index(below: 7) - 3)
            case .normals: Double(Float(generator.normal() * scale))
            }
        }
        return DoubleTensor(elements, shape: shape)
    }

    /// Powers of two for integers, so that products with them stay exact; else uniform in [0.25, 4).
    mutating func positives(_ shape: Shape) -> DoubleTensor {
        let elements = (0..<shape.elementCount).map { _ in
            switch kind {
            case .integers: [0.25, 0.5, 1, 2, 4][generator.index(below: 5)]
            case .normals: Double(Float(generator.uniform(0.25, 4)))
            }
        }
        return DoubleTensor(elements, shape: shape)
    }
}
