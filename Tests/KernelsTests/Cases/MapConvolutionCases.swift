import Kernels
import Tensors

/// Operands: x (N, C), w (k), dL/dy (N, C).
struct ChannelConvolutionCase: OracleCase, DifferentiableCase {
    let batch, channels, size: Int

    var testDescription: String { "\(size) taps over \(batch) x \(channels)" }

    func operands(from source: inout OperandSource) -> [DoubleTensor] {
        [source.tensor([batch, channels]), source.tensor([size]), source.tensor([batch, channels])]
    }

    func run(_ operands: [DoubleTensor], on backend: any Backend) -> [Observation] {
        let tensors = operands.map { backend.rowMajor($0) }
        let dw = backend.gradientSpace([size])
        let y = backend.channelConvolution(tensors[0], weight: tensors[1])
        let dx = backend.channelConvolutionGradient(
            tensors[2], input: tensors[0], weight: tensors[1], weightGradient: dw)
        return [backend.observe(y, "y"), backend.observe(dx, "dx"), backend.observe(dw, "dw")]
    }

    func expected(_ operands: [DoubleTensor]) -> [Observation] {
        let (dx, dw) = Oracle.channelConvolutionGradients(operands[2], operands[0], operands[1])
        return [
            Observation("y", Oracle.channelConvolution(operands[0], operands[1])), Observation("dx", dx),
            Observation("dw", dw),
        ]
    }

    func loss(_ operands: [DoubleTensor]) -> Double {
        Oracle.channelConvolution(operands[0], operands[1]).dot(operands[2])
    }

    var gradients: [(observation: String, operand: Int)] { [("dx", 0), ("dw", 1)] }

    static let all = [1, 3, 5, 9].flatMap { size in
        [(1, 1), (2, 3), (3, 7), (1, 16), (2, 33)].map {
            ChannelConvolutionCase(batch: $0, channels: $1, size: size)
        }
    }
}

/// Operands: x (N, 2, H, W), w (1, 2, k, k), dL/dy (N, H·W).
struct MapConvolutionCase: OracleCase, DifferentiableCase {
    let batch, height, width, size: Int

    var testDescription: String { "\(size)x\(size) over \(batch) x \(height)x\(width)" }
    private var positions: Shape { [batch, height * width] }
    private var weight: Shape { [1, 2, size, size] }

    func operands(from source: inout OperandSource) -> [DoubleTensor] {
        [source.tensor([batch, 2, height, width]), source.tensor(weight, scale: 0.2), source.tensor(positions)]
    }

    func run(_ operands: [DoubleTensor], on backend: any Backend) -> [Observation] {
        let tensors = operands.map { backend.rowMajor($0) }
        let dw = backend.gradientSpace(weight)
        let y = backend.mapConvolution(tensors[0], weight: tensors[1])
        let dx = backend.mapConvolutionGradient(tensors[2], input: tensors[0], weight: tensors[1], weightGradient: dw)
        return [backend.observe(y, "y"), backend.observe(dx, "dx"), backend.observe(dw, "dw")]
    }

    func expected(_ operands: [DoubleTensor]) -> [Observation] {
        let (x, w) = (operands[0], operands[1])
        let g = operands[2].reshaped([batch, 1, height, width])
        let geometry = Oracle.mapGeometry(weight)
        let (dx, dw) = Oracle.convolutionGradients(g, x, w, geometry)
        return [
            Observation("y", Oracle.convolution(x, w, geometry).reshaped(positions)), Observation("dx", dx),
            Observation("dw", dw),
        ]
    }

    func loss(_ operands: [DoubleTensor]) -> Double {
        Oracle.convolution(operands[0], operands[1], Oracle.mapGeometry(weight)).reshaped(positions).dot(operands[2])
    }

    var gradients: [(observation: String, operand: Int)] { [("dx", 0), ("dw", 1)] }

    static let all = [3, 7].flatMap { size in
        [(1, 1, 1), (2, 2, 3), (1, 7, 7), (3, 5, 2), (1, 1, 9), (2, 14, 14), (1, 17, 33)].map {
            MapConvolutionCase(batch: $0, height: $1, width: $2, size: size)
        }
    }
}
