import Kernels
import Tensors

/// Operands: x, dL/dy. On integers most windows have several equal maxima.
struct MaxPoolCase: OracleCase, DifferentiableCase {
    let input: Shape
    let geometry: PoolingGeometry

    var testDescription: String {
        "\(geometry.kernel)x\(geometry.kernel) stride \(geometry.stride) padding \(geometry.padding) of \(input)"
    }

    func operands(from source: inout OperandSource) -> [DoubleTensor] {
        [source.tensor(input), source.tensor(geometry.outputShape(for: input))]
    }

    func run(_ operands: [DoubleTensor], on backend: any Backend) -> [Observation] {
        let x = backend.activation(operands[0])
        let (y, trace) = backend.maxPool(x, geometry, training: true)
        let dx = backend.maxPoolGradient(backend.activation(operands[1]), trace: trace!)
        let inference = backend.maxPool(x, geometry, training: false)
        return [
            backend.observe(activation: y, "y"), backend.observe(activation: dx, "dx"),
            backend.observe(activation: inference.output, "y of inference"),
        ]
    }

    func expected(_ operands: [DoubleTensor]) -> [Observation] {
        let (y, argument) = Oracle.maxPool(operands[0], geometry)
        var dx = DoubleTensor.zeros(input)
        for (source, g) in zip(argument, operands[1].elements) { dx.elements[source] += g }
        return [Observation("y", y), Observation("dx", dx), Observation("y of inference", y)]
    }

    func loss(_ operands: [DoubleTensor]) -> Double { Oracle.maxPool(operands[0], geometry).y.dot(operands[1]) }

    var gradients: [(observation: String, operand: Int)] { [("dx", 0)] }

    static let all: [MaxPoolCase] =
        [
            PoolingGeometry(kernel: 3, stride: 2, padding: 1), PoolingGeometry(kernel: 2, stride: 2),
            PoolingGeometry(kernel: 1, stride: 1), PoolingGeometry(kernel: 3, stride: 1, padding: 1),
            PoolingGeometry(kernel: 3, stride: 2, padding: 2),
        ].flatMap { geometry in
            [[2, 1, 7, 5], [1, 17, 8, 8], [3, 16, 3, 9], [1, 33, 2, 2]].map {
                MaxPoolCase(input: Shape($0), geometry: geometry)
            }
        } + [MaxPoolCase(input: [2, 5, 1, 1], geometry: PoolingGeometry(kernel: 3, stride: 2, padding: 1))]
    static let large = [
        MaxPoolCase(input: [2, 64, 112, 112], geometry: PoolingGeometry(kernel: 3, stride: 2, padding: 1))
    ]
}

/// Operands: x, dL/dy (N, C).
struct GlobalAverageCase: OracleCase, DifferentiableCase {
    let input: Shape

    var testDescription: String { "\(input)" }
    /// The mean divides by the number of positions.
    var isExactOnIntegers: Bool { Double(input.positions).significand == 1 }

    func operands(from source: inout OperandSource) -> [DoubleTensor] {
        [source.tensor(input), source.tensor([input.batch, input.channels])]
    }

    func run(_ operands: [DoubleTensor], on backend: any Backend) -> [Observation] {
        let y = backend.globalAveragePool(backend.activation(operands[0]))
        let dx = backend.globalAveragePoolGradient(backend.rowMajor(operands[1]), inputShape: input)
        return [backend.observe(y, "y"), backend.observe(activation: dx, "dx")]
    }

    func expected(_ operands: [DoubleTensor]) -> [Observation] {
        var dx = DoubleTensor.zeros(input)
        Oracle.forEachElement(input) { n, c, h, w in dx[n, c, h, w] = operands[1][n, c] / Double(input.positions) }
        return [Observation("y", Oracle.globalAveragePool(operands[0])), Observation("dx", dx)]
    }

    func loss(_ operands: [DoubleTensor]) -> Double { Oracle.globalAveragePool(operands[0]).dot(operands[1]) }

    var gradients: [(observation: String, operand: Int)] { [("dx", 0)] }

    static let all = [[1, 1, 1, 1], [2, 3, 4, 4], [1, 17, 8, 2], [3, 33, 7, 7], [2, 64, 5, 3]].map {
        GlobalAverageCase(input: Shape($0))
    }
}
