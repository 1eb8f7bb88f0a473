/// The logical dimensions of a tensor, outermost first; images are (N, C, H, W).
public struct Shape: Hashable, Sendable, ExpressibleByArrayLiteral, CustomStringConvertible {
    /// Outermost first.
    public let dimensions: [Int]

    /// - Precondition: no dimension is negative.
    public init(_ dimensions: [Int]) {
        precondition(dimensions.allSatisfy { $0 >= 0 }, "a shape has no negative dimension: \(dimensions)")
        self.dimensions = dimensions
    }

    public init(arrayLiteral elements: Int...) {
        self.init(elements)
    }

    /// The number of dimensions.
    public var rank: Int { dimensions.count }

    /// The number of logical elements; padding of a blocked layout is not counted.
    public var elementCount: Int { dimensions.reduce(1, *) }

    /// One dimension; `axis` counts from the outermost, 0.
    public subscript(axis: Int) -> Int { dimensions[axis] }

    /// N of an (N, …) tensor.
    public var batch: Int { dimensions[0] }
    /// C of an (N, C, …) tensor.
    public var channels: Int { dimensions[1] }
    /// H of an (N, C, H, W) tensor.
    public var height: Int { dimensions[2] }
    /// W of an (N, C, H, W) tensor.
    public var width: Int { dimensions[3] }
    /// H·W of an (N, C, H, W) tensor.
    public var positions: Int { dimensions[2] * dimensions[3] }

    /// As in `(16, 64, 56, 56)`.
    public var description: String {
        "(" + dimensions.map(String.init).joined(separator: ", ") + ")"
    }
}
