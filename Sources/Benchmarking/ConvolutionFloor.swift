import Kernels
import Models
import Tensors

/// All convolutions of a model's training step and nothing else, each in its own memory layout: no step on the same
/// kernels can be faster.
public final class ConvolutionFloor {
    private struct Pass {
        let geometry: ConvolutionGeometry
        let input: Tensor
        let filter: Tensor
        let filterGradient: Tensor
        let outputGradient: Tensor
        let needsInputGradient: Bool
    }

    private struct Operand: Hashable {
        let shape: Shape
        let layout: Layout
    }

    private let passes: [Pass]
    private let backend: any Backend

    /// The convolutions of `model` on a batch like the one it was made for.
    public init(_ model: ResNet) {
        let backend = model.backend
        self.backend = backend
        // One tensor a shape serves all passes; the values do not matter.
        var operands: [Operand: Tensor] = [:]
        func operand(_ shape: Shape, _ layout: Layout) -> Tensor {
            let key = Operand(shape: shape, layout: layout)
            if let known = operands[key] { return known }
            let tensor = Tensor(shape, layout: layout)
            tensor.withUnsafeMutableBufferPointer { values in
                for index in values.indices { values[index] = Float(index % 17) / 16 - 0.5 }
            }
            operands[key] = tensor
            return tensor
        }
        passes = model.convolutions.enumerated().map { index, convolution in
            let geometry = convolution.geometry
            return Pass(
                geometry: geometry,
                input: operand(convolution.input, index == 0 ? .rowMajor : backend.activationLayout),
                filter: convolution.filter,
                filterGradient: .zeros(convolution.filter.shape, layout: convolution.filter.layout),
                outputGradient: operand(geometry.outputShape(for: convolution.input), backend.activationLayout),
                needsInputGradient: index > 0)
        }
    }

    /// Forward and backward of each.
    public func run() {
        for pass in passes { _ = backend.convolution(pass.input, filter: pass.filter, geometry: pass.geometry) }
        for pass in passes.reversed() {
            backend.convolutionFilterGradient(
                pass.outputGradient, input: pass.input, into: pass.filterGradient, geometry: pass.geometry)
            if pass.needsInputGradient {
                _ = backend.convolutionInputGradient(
                    pass.outputGradient, filter: pass.filter, inputShape: pass.input.shape, geometry: pass.geometry)
            }
        }
    }
}
