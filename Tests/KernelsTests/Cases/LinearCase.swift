import Kernels
import Tensors

/// Operands: x (N, I), w (O, I), b (O), dL/dy (N, O).
struct LinearCase: OracleCase, DifferentiableCase {
    let batch, inputs, outputs: Int

    var testDescription: String { "\(batch) x \(inputs) to \(outputs)" }

    func operands(from source: inout OperandSource) -> [DoubleTensor] {
        [
            source.tensor([batch, inputs]),
            source.tensor([outputs, inputs], scale: 1 / Double(inputs).squareRoot()),
            source.tensor([outputs]), source.tensor([batch, outputs]),
        ]
    }

    func run(_ operands: [DoubleTensor], on backend: any Backend) -> [Observation] {
        let tensors = operands.map { backend.rowMajor($0) }
        let (dw, db) = (backend.gradientSpace([outputs, inputs]), backend.gradientSpace([outputs]))
        let y = backend.linear(tensors[0], weight: tensors[1], bias: tensors[2])
        let dx = backend.linearGradient(
            tensors[3], input: tensors[0], weight: tensors[1], weightGradient: dw, biasGradient: db)
        return [
            backend.observe(y, "y"), backend.observe(dx, "dx"), backend.observe(dw, "dw"), backend.observe(db, "db"),
        ]
    }

    func expected(_ operands: [DoubleTensor]) -> [Observation] {
        let (x, w, g) = (operands[0], operands[1], operands[3])
        var (dx, dw) = (DoubleTensor.zeros(x.shape), DoubleTensor.zeros(w.shape))
        var db = DoubleTensor.zeros([outputs])
        for n in 0..<batch {
            for o in 0..<outputs {
                db.elements[o] += g[n, o]
                for i in 0..<inputs {
                    dx[n, i] += g[n, o] * w[o, i]
                    dw[o, i] += g[n, o] * x[n, i]
                }
            }
        }
        return [
            Observation("y", Oracle.linear(x, w, operands[2])), Observation("dx", dx), Observation("dw", dw),
            Observation("db", db),
        ]
    }

    func loss(_ operands: [DoubleTensor]) -> Double {
        Oracle.linear(operands[0], operands[1], operands[2]).dot(operands[3])
    }

    var gradients: [(observation: String, operand: Int)] { [("dx", 0), ("dw", 1), ("db", 2)] }

    static let all = [(1, 1, 1), (3, 17, 5), (2, 64, 33), (7, 5, 101), (16, 127, 3)].map {
        LinearCase(batch: $0, inputs: $1, outputs: $2)
    }
    static let large = [LinearCase(batch: 16, inputs: 2048, outputs: 200)]
}
