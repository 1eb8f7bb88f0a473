import Tensors

/// Row-major elements in double precision: what oracles compute with and results are compared as.
struct DoubleTensor: Sendable {
    let shape: Shape
    var elements: [Double]

    init(_ elements: [Double], shape: Shape) {
        precondition(elements.count == shape.elementCount)
        self.shape = shape
        self.elements = elements
    }

    static func zeros(_ shape: Shape) -> DoubleTensor {
        DoubleTensor(Array(repeating: 0, count: shape.elementCount), shape: shape)
    }

    subscript(i: Int, j: Int) -> Double {
        get { elements[i * shape[1] + j] }
        set { elements[i * shape[1] + j] = newValue }
    }

    subscript(n: Int, c: Int, h: Int, w: Int) -> Double {
        get { elements[((n * shape[1] + c) * shape[2] + h) * shape[3] + w] }
        set { elements[((n * shape[1] + c) * shape[2] + h) * shape[3] + w] = newValue }
    }

    var floats: [Float] { elements.map { Float($0) } }

    func map(_ transform: (Double) -> Double) -> DoubleTensor {
        DoubleTensor(elements.map(transform), shape: shape)
    }

    func reshaped(_ shape: Shape) -> DoubleTensor {
        DoubleTensor(elements, shape: shape)
    }

    /// Σ a·b
    func dot(_ other: DoubleTensor) -> Double {
        precondition(shape == other.shape)
        return zip(elements, other.elements).reduce(0) { $0 + $1.0 * $1.1 }
    }

    /// The indices of element `flat`, as in `[1, 0, 2]`.
    func index(of flat: Int) -> [Int] {
        var rest = flat
        return shape.dimensions.reversed().map { size in
            defer { rest /= size }
            return rest % size
        }.reversed()
    }
}

extension DoubleTensor {
    /// max(x, 0)
    var rectified: DoubleTensor { map { max($0, 0) } }
}
