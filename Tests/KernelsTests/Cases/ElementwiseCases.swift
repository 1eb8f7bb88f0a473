import Kernels
import Tensors

private let shapes: [Shape] = [
    [1, 1, 1, 1], [2, 3, 5, 7], [1, 16, 4, 4], [2, 17, 3, 1], [3, 33, 2, 5], [1, 64, 7, 7],
]

/// Operands: x, dL/dy.
struct ReluCase: OracleCase, DifferentiableCase {
    let input: Shape

    var testDescription: String { "\(input)" }

    func operands(from source: inout OperandSource) -> [DoubleTensor] {
        [source.tensor(input), source.tensor(input)]
    }

    func run(_ operands: [DoubleTensor], on backend: any Backend) -> [Observation] {
        let y = backend.relu(backend.activation(operands[0]))
        let dx = backend.reluGradient(GradientSum(backend.activation(operands[1])), output: y)
        return [backend.observe(activation: y, "y"), backend.observe(activation: dx, "dx")]
    }

    func expected(_ operands: [DoubleTensor]) -> [Observation] {
        let y = operands[0].rectified
        return [Observation("y", y), Observation("dx", Oracle.masked(operands[1], y, relu: true))]
    }

    func loss(_ operands: [DoubleTensor]) -> Double { operands[0].rectified.dot(operands[1]) }

    var gradients: [(observation: String, operand: Int)] { [("dx", 0)] }

    static let all = shapes.map(ReluCase.init)
}

/// Operands: a, b, dL/dy.
struct AddCase: OracleCase, DifferentiableCase {
    let input: Shape
    let relu: Bool

    var testDescription: String { "\(input)\(relu ? " with relu" : "")" }

    func operands(from source: inout OperandSource) -> [DoubleTensor] {
        [source.tensor(input), source.tensor(input), source.tensor(input)]
    }

    func run(_ operands: [DoubleTensor], on backend: any Backend) -> [Observation] {
        let y = backend.add(
            FeatureMap(backend.activation(operands[0])), FeatureMap(backend.activation(operands[1])), relu: relu,
            inPlace: false)
        let g = backend.activation(operands[2])
        let gradient = relu ? backend.reluGradient(GradientSum(g), output: y) : g
        let yInPlace = backend.add(
            FeatureMap(backend.activation(operands[0])), FeatureMap(backend.activation(operands[1])), relu: relu,
            inPlace: true)
        return [
            backend.observe(activation: y, "y"), backend.observe(activation: gradient, "da = db"),
            backend.observe(activation: yInPlace, "y in place"),
        ]
    }

    func expected(_ operands: [DoubleTensor]) -> [Observation] {
        let y = sum(operands)
        return [
            Observation("y", y), Observation("da = db", Oracle.masked(operands[2], y, relu: relu)),
            Observation("y in place", y),
        ]
    }

    func loss(_ operands: [DoubleTensor]) -> Double { sum(operands).dot(operands[2]) }

    var gradients: [(observation: String, operand: Int)] { [("da = db", 0), ("da = db", 1)] }

    private func sum(_ operands: [DoubleTensor]) -> DoubleTensor {
        let sum = DoubleTensor(zip(operands[0].elements, operands[1].elements).map { $0 + $1 }, shape: input)
        return relu ? sum.rectified : sum
    }

    static let all = [false, true].flatMap { relu in shapes.map { AddCase(input: $0, relu: relu) } }
}
