import Tensors

extension AcceleratedBackend {
    public func inferenceConvolution(
        filter: Tensor, _ normalization: Normalization, relu: Bool, geometry: ConvolutionGeometry
    ) -> any InferenceConvolution {
        let folded = FoldedConvolution(self, filter, normalization, relu: relu, geometry)
        guard folded.isFinite else {
            // oneDNN's ReLU would hide what has diverged: it makes zeros of NaN.
            return ConvolutionThenNorm(
                backend: self, filter: filter, normalization: normalization, relu: relu, geometry: geometry)
        }
        return folded
    }

    /// max(w * x + b, 0), or without the maximum. `prepared` keeps the filter, row-major, as the primitives read it:
    /// by Winograd's algorithm, transformed.
    fileprivate func foldedConvolution(
        _ input: Tensor, filter: Tensor, bias: Tensor, relu: Bool, _ geometry: ConvolutionGeometry,
        prepared: inout [ConvolutionKey: Tensor]
    ) -> Tensor {
        let output = activation(geometry.outputShape(for: input.shape))
        guard input.shape.batch > 0 else { return output }
        let key = ConvolutionKey(
            pass: .inference(relu: relu), geometry: geometry, inputShape: input.shape, inputLayout: input.layout,
            filterLayout: filter.layout)
        let plan = plan(key, filterShape: filter.shape)
        let ready = prepared[key] ?? plan.reordered(filter, pool: pool)
        prepared[key] = ready
        plan.primitive.run([input.pointer, ready.pointer, output.pointer, bias.pointer], pool: pool)
        return output
    }
}

/// w' = a·w and b' = β - a·mean, where a = γ·inverseDeviation.
private final class FoldedConvolution: InferenceConvolution {
    private let backend: AcceleratedBackend
    private let geometry: ConvolutionGeometry
    private let relu: Bool
    private let filter: Tensor
    private let bias: Tensor
    private var prepared: [ConvolutionKey: Tensor] = [:]

    init(
        _ backend: AcceleratedBackend, _ filter: Tensor, _ normalization: Normalization, relu: Bool,
        _ geometry: ConvolutionGeometry
    ) {
        self.backend = backend
        self.geometry = geometry
        self.relu = relu
        let folded = Tensor(filter.shape, pool: backend.pool)
        backend.copyElements(from: filter, to: folded)
        let (slopes, intercepts) = normalization.line
        folded.withUnsafeMutableBufferPointer { weights in
            let width = weights.count / slopes.count
            for index in weights.indices { weights[index] *= slopes[index / width] }
        }
        self.filter = folded
        bias = Tensor(intercepts, shape: [intercepts.count], pool: backend.pool)
    }

    var isFinite: Bool {
        [filter, bias].allSatisfy { tensor in tensor.withUnsafeBufferPointer { $0.allSatisfy(\.isFinite) } }
    }

    func callAsFunction(_ input: Tensor) -> Tensor {
        backend.foldedConvolution(
            input, filter: filter, bias: bias, relu: relu, geometry, prepared: &prepared)
    }
}
