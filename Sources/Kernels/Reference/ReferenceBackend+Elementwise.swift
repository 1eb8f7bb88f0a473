import Tensors

/// max(x, 0), except that NaN stays NaN, so that a diverged model shows.
@inline(__always)
func rectified(_ x: Float) -> Float { x < 0 ? 0 : x }

/// Calls `body` with the channel and the first element of every (H, W) plane of a row-major (N, C, H, W) tensor.
@inline(__always)
func forEachPlane(of shape: Shape, _ body: (_ channel: Int, _ offset: Int) -> Void) {
    let (channels, positions) = (shape.channels, shape.positions)
    for n in 0..<shape.batch {
        for c in 0..<channels { body(c, (n * channels + c) * positions) }
    }
}

extension ReferenceBackend {
    public func relu(_ input: Tensor) -> Tensor {
        requireRowMajor(input)
        let output = makeTensor(input.shape)
        withExtendedLifetime((input, output)) {
            let (x, y) = (input.pointer, output.pointer)
            for i in 0..<input.storageCount { y[i] = rectified(x[i]) }
        }
        return output
    }

    public func reluGradient(_ outputGradient: Tensor, output: Tensor) -> Tensor {
        requireRowMajor(outputGradient, output)
        require(outputGradient, hasShape: output.shape, "the output gradient")
        let inputGradient = makeTensor(output.shape)
        withExtendedLifetime((outputGradient, output, inputGradient)) {
            let (g, y, result) = (outputGradient.pointer, output.pointer, inputGradient.pointer)
            for i in 0..<output.storageCount { result[i] = y[i] > 0 ? g[i] : 0 }
        }
        return inputGradient
    }

    public func add(_ a: Tensor, _ b: Tensor, relu: Bool) -> Tensor {
        requireRowMajor(a, b)
        require(b, hasShape: a.shape, "the second term of a sum")
        let output = makeTensor(a.shape)
        withExtendedLifetime((a, b, output)) {
            let (first, second, y) = (a.pointer, b.pointer, output.pointer)
            for i in 0..<a.storageCount {
                let sum = first[i] + second[i]
                y[i] = relu ? rectified(sum) : sum
            }
        }
        return output
    }
}
