import Kernels
import Tensors

/// Operands: x, w, dL/dy.
struct ConvolutionCase: OracleCase, DifferentiableCase {
    let geometry: ConvolutionGeometry
    let input: Shape
    /// The input is a row-major image, as the first convolution's, whose gradient nobody wants.
    var readsImages = false

    var testDescription: String {
        let kind = readsImages ? "images" : "activations"
        return """
            \(geometry.kernelHeight)x\(geometry.kernelWidth) stride \(geometry.stride) padding \(geometry.padding), \
            \(input) \(kind) to \(geometry.outputChannels) channels
            """
    }

    func operands(from source: inout OperandSource) -> [DoubleTensor] {
        let products = geometry.inputChannels * geometry.kernelHeight * geometry.kernelWidth
        return [
            source.tensor(input),
            source.tensor(geometry.filterShape, scale: 1 / Double(products).squareRoot()),
            source.tensor(geometry.outputShape(for: input)),
        ]
    }

    func run(_ operands: [DoubleTensor], on backend: any Backend) -> [Observation] {
        let x = readsImages ? backend.rowMajor(operands[0]) : backend.activation(operands[0])
        let w = backend.filter(operands[1], geometry, input: input)
        let g = backend.activation(operands[2])
        let dw = backend.filterGradientSpace(geometry, input: input)
        backend.convolutionFilterGradient(g, input: x, into: dw, geometry: geometry)
        let y = backend.convolution(x, filter: w, geometry: geometry)
        var observations = [backend.observe(activation: y, "y"), backend.observe(dw, "dw")]
        if !readsImages {
            let dx = backend.convolutionInputGradient(g, filter: w, inputShape: input, geometry: geometry)
            observations.append(backend.observe(activation: dx, "dx"))
        }
        return observations
    }

    func expected(_ operands: [DoubleTensor]) -> [Observation] {
        let (dx, dw) = Oracle.convolutionGradients(operands[2], operands[0], operands[1], geometry)
        let y = Oracle.convolution(operands[0], operands[1], geometry)
        return [Observation("y", y), Observation("dw", dw)] + (readsImages ? [] : [Observation("dx", dx)])
    }

    func loss(_ operands: [DoubleTensor]) -> Double {
        Oracle.convolution(operands[0], operands[1], geometry).dot(operands[2])
    }

    var gradients: [(observation: String, operand: Int)] { [("dx", 0), ("dw", 1)] }
}

extension ConvolutionCase {
    /// Every kernel with every stride and padding; channels, batches and map sizes take turns.
    static let all: [ConvolutionCase] = {
        let kernels = [(1, 1), (3, 3), (7, 7), (1, 3), (5, 2)]
        let channels = [(1, 1), (3, 64), (5, 16), (16, 17), (17, 33), (33, 5), (64, 16), (16, 64), (32, 3)]
        let maps = [(5, 7), (8, 8), (1, 1), (9, 3), (13, 11), (6, 10), (7, 1)]
        var cases: [ConvolutionCase] = []
        for (kernelHeight, kernelWidth) in kernels {
            for stride in 1...3 {
                for padding in 0...3 {
                    let turn = cases.count
                    let (inputs, outputs) = channels[turn % channels.count]
                    let geometry = ConvolutionGeometry(
                        inputChannels: inputs, outputChannels: outputs, kernelHeight: kernelHeight,
                        kernelWidth: kernelWidth, stride: stride, padding: padding)
                    // The next map in turn that the kernel fits in.
                    let (height, width) = (maps[(turn % maps.count)...] + maps).first {
                        $0 + 2 * padding >= kernelHeight && $1 + 2 * padding >= kernelWidth
                    }!
                    cases.append(
                        ConvolutionCase(geometry: geometry, input: [turn % 3 + 1, inputs, height, width]))
                }
            }
        }
        return cases
    }()

    static let ofImages = [
        ConvolutionCase(
            geometry: ConvolutionGeometry(inputChannels: 3, outputChannels: 64, kernel: 7, stride: 2, padding: 3),
            input: [2, 3, 21, 17], readsImages: true),
        ConvolutionCase(
            geometry: ConvolutionGeometry(inputChannels: 3, outputChannels: 17, kernel: 3, padding: 1),
            input: [1, 3, 6, 6], readsImages: true),
    ]

    /// As ResNets have them, too large for the oracle.
    static let large = [
        ConvolutionCase(
            geometry: ConvolutionGeometry(inputChannels: 64, outputChannels: 64, kernel: 3, padding: 1),
            input: [2, 64, 56, 56]),
        ConvolutionCase(
            geometry: ConvolutionGeometry(inputChannels: 256, outputChannels: 128, kernel: 1), input: [2, 256, 28, 28]),
        ConvolutionCase(
            geometry: ConvolutionGeometry(inputChannels: 256, outputChannels: 256, kernel: 3, stride: 2, padding: 1),
            input: [2, 256, 28, 28]),
        ConvolutionCase(
            geometry: ConvolutionGeometry(inputChannels: 512, outputChannels: 1024, kernel: 1, stride: 2),
            input: [1, 512, 28, 28]),
        ConvolutionCase(
            geometry: ConvolutionGeometry(inputChannels: 3, outputChannels: 64, kernel: 7, stride: 2, padding: 3),
            input: [2, 3, 112, 112], readsImages: true),
    ]
}
