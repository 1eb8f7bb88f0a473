import Kernels
import Tensors

/// Operands: x, another x of another size, w, and the norm's mean, inverse deviation, scale and shift.
struct InferenceConvolutionCase: OperationCase {
    let convolution: ConvolutionCase
    let relu: Bool

    var testDescription: String { "\(convolution.testDescription)\(relu ? ", relu" : "")" }

    private var otherInput: Shape {
        let input = convolution.input
        return [input.batch + 1, input.channels, input.height + 3, input.width + 1]
    }

    func operands(from source: inout OperandSource) -> [DoubleTensor] {
        let channels: Shape = [convolution.geometry.outputChannels]
        return [source.tensor(convolution.input), source.tensor(otherInput)]
            + Array(convolution.operands(from: &source)[1...1])
            + [source.tensor(channels), source.tensor(channels).map { 1 + abs($0) }]
            + [source.tensor(channels), source.tensor(channels)]
    }

    func run(_ operands: [DoubleTensor], on backend: any Backend) -> [Observation] {
        let geometry = convolution.geometry
        func input(_ values: DoubleTensor) -> Tensor {
            convolution.readsImages ? backend.rowMajor(values) : backend.activation(values)
        }
        let filter = backend.filter(operands[2], geometry, input: convolution.input)
        let normalization = Normalization(
            mean: operands[3].floats, inverseDeviation: operands[4].floats, scale: backend.rowMajor(operands[5]),
            shift: backend.rowMajor(operands[6]))
        let fused = backend.inferenceConvolution(filter: filter, normalization, relu: relu, geometry: geometry)
        // The first input once more, with what was prepared for it.
        return [("y", operands[0]), ("y of another size", operands[1]), ("y again", operands[0])].map { name, values in
            backend.observe(activation: fused(input(values)), name)
        }
    }
}

extension InferenceConvolutionCase {
    static let all =
        (ConvolutionCase.all.filter { $0.input.height > 1 } + ConvolutionCase.ofImages + ConvolutionCase.large)
        .enumerated().map { InferenceConvolutionCase(convolution: $1, relu: $0 % 2 == 0) }
}
