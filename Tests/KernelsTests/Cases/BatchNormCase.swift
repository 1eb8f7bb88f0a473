import Kernels
import Tensors

/// The four steps of batch norm with a given normalisation, independent of the input's statistics.
/// Operands: x, dL/dy, mean, inverse deviation, γ, β.
struct BatchNormCase: OracleCase {
    let input: Shape
    let relu: Bool

    var testDescription: String { "\(input)\(relu ? " with relu" : "")" }
    /// Sums are divided by the count.
    var isExactOnIntegers: Bool { count.significand == 1 }
    private var count: Double { Double(input.batch * input.positions) }

    func operands(from source: inout OperandSource) -> [DoubleTensor] {
        let channels: Shape = [input.channels]
        return [
            source.tensor(input), source.tensor(input), source.tensor(channels), source.positives(channels),
            source.tensor(channels), source.tensor(channels),
        ]
    }

    func run(_ operands: [DoubleTensor], on backend: any Backend) -> [Observation] {
        let (x, g) = (backend.activation(operands[0]), backend.activation(operands[1]))
        let normalization = Normalization(
            mean: operands[2].floats, inverseDeviation: operands[3].floats, scale: backend.rowMajor(operands[4]),
            shift: backend.rowMajor(operands[5]))
        let sums = backend.batchNormSums(x)
        let y = backend.batchNorm(x, normalization, relu: relu, inPlace: false)
        let gradientSums = backend.batchNormGradientSums(g, input: x, normalization, relu: relu)
        let dx = backend.batchNormInputGradient(
            g, input: x, normalization, relu: relu, sums: gradientSums, count: count, inPlace: false)
        let dxInPlace = backend.batchNormInputGradient(
            g, input: x, normalization, relu: relu, sums: gradientSums, count: count, inPlace: true)
        return [
            Observation("Σx", sums.first), Observation("Σx²", sums.second),
            backend.observe(activation: y, "y"),
            Observation("Σg", gradientSums.first), Observation("Σgx̂", gradientSums.second),
            backend.observe(activation: dx, "dx"), backend.observe(activation: dxInPlace, "dx in place"),
            backend.observe(
                activation: backend.batchNorm(x, normalization, relu: relu, inPlace: true), "y in place"),
        ]
    }

    func expected(_ operands: [DoubleTensor]) -> [Observation] {
        let x = operands[0]
        let normalization = Oracle.Normalization(
            mean: operands[2].elements, inverseDeviation: operands[3].elements, scale: operands[4].elements,
            shift: operands[5].elements)
        let sums = Oracle.channelSums(input) { (x[$0, $1, $2, $3], x[$0, $1, $2, $3] * x[$0, $1, $2, $3]) }
        let y = Oracle.batchNorm(x, normalization, relu: relu)
        let g = Oracle.masked(operands[1], y, relu: relu)
        let gradientSums = Oracle.channelSums(input) {
            (g[$0, $1, $2, $3], g[$0, $1, $2, $3] * normalization.normalized(x[$0, $1, $2, $3], $1))
        }
        let dx = Oracle.batchNormInputGradient(g, x, normalization, sums: gradientSums, count: count)
        return [
            Observation("Σx", sums.first), Observation("Σx²", sums.second), Observation("y", y),
            Observation("Σg", gradientSums.first), Observation("Σgx̂", gradientSums.second), Observation("dx", dx),
            Observation("dx in place", dx), Observation("y in place", y),
        ]
    }

    static let all = [false, true].flatMap { relu in
        [[1, 1, 1, 1], [2, 3, 4, 4], [1, 16, 8, 2], [2, 17, 1, 1], [3, 33, 5, 3], [1, 64, 7, 7]].map {
            BatchNormCase(input: Shape($0), relu: relu)
        }
    }
    static let large = [BatchNormCase(input: [4, 64, 56, 56], relu: true)]
}

/// Batch norm as training composes it: the normalisation is the input's own. Operands: x, γ, β, dL/dy.
struct BatchNormTrainingCase: DifferentiableCase {
    let input: Shape
    let relu: Bool
    private let epsilon = 1e-5

    init(input: Shape, relu: Bool) {
        self.input = input
        self.relu = relu
    }

    var testDescription: String { "\(input)\(relu ? " with relu" : "")" }

    func operands(from source: inout OperandSource) -> [DoubleTensor] {
        [source.tensor(input), source.tensor([input.channels]), source.tensor([input.channels]), source.tensor(input)]
    }

    func run(_ operands: [DoubleTensor], on backend: any Backend) -> [Observation] {
        let (x, g) = (backend.activation(operands[0]), backend.activation(operands[3]))
        let count = Double(input.batch * input.positions)
        let sums = backend.batchNormSums(x)
        let inverseDeviation = zip(sums.first, sums.second).map {
            Float(1 / ($1 / count - ($0 / count) * ($0 / count) + epsilon).squareRoot())
        }
        let normalization = Normalization(
            mean: sums.first.map { Float($0 / count) }, inverseDeviation: inverseDeviation,
            scale: backend.rowMajor(operands[1]), shift: backend.rowMajor(operands[2]))
        let y = backend.batchNorm(x, normalization, relu: relu, inPlace: false)
        let gradientSums = backend.batchNormGradientSums(g, input: x, normalization, relu: relu)
        let dx = backend.batchNormInputGradient(
            g, input: x, normalization, relu: relu, sums: gradientSums, count: count, inPlace: false)
        return [
            backend.observe(activation: y, "y"), backend.observe(activation: dx, "dx"),
            Observation("dgamma", gradientSums.second), Observation("dbeta", gradientSums.first),
        ]
    }

    func loss(_ operands: [DoubleTensor]) -> Double {
        let x = operands[0]
        let count = Double(input.batch * input.positions)
        let mean = Oracle.channelSums(input) { (x[$0, $1, $2, $3], 0) }.first.map { $0 / count }
        let variance = Oracle.channelSums(input) {
            let deviation = x[$0, $1, $2, $3] - mean[$1]
            return (deviation * deviation, 0)
        }.first.map { $0 / count }
        let normalization = Oracle.Normalization(
            mean: mean, inverseDeviation: variance.map { 1 / ($0 + epsilon).squareRoot() },
            scale: operands[1].elements, shift: operands[2].elements)
        return Oracle.batchNorm(x, normalization, relu: relu).dot(operands[3])
    }

    var gradients: [(observation: String, operand: Int)] { [("dx", 0), ("dgamma", 1), ("dbeta", 2)] }
}
