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

    public func reluGradient(_ outputGradient: GradientSum, output: Tensor) -> Tensor {
        let gradient = total(outputGradient)
        requireRowMajor(output)
        require(gradient, hasShape: output.shape, "the output gradient")
        withExtendedLifetime((output, gradient)) {
            let (g, y) = (gradient.pointer, output.pointer)
            for i in 0..<output.storageCount where !(y[i] > 0) { g[i] = 0 }
        }
        return gradient
    }

    public func add(_ a: FeatureMap, _ b: FeatureMap, relu: Bool, inPlace: Bool) -> Tensor {
        let output = inPlace ? a.values : makeTensor(a.shape)
        let (a, b) = (features(a), features(b))
        requireRowMajor(a, b)
        require(b, hasShape: a.shape, "the second term of a sum")
        withExtendedLifetime((a, b, output)) {
            let (first, second, y) = (a.pointer, b.pointer, output.pointer)
            for i in 0..<a.storageCount {
                let sum = first[i] + second[i]
                y[i] = relu ? rectified(sum) : sum
            }
        }
        return output
    }

    public func total(_ gradient: GradientSum) -> Tensor {
        let first = gradient.first
        requireRowMajor(first)
        if let second = gradient.second {
            requireRowMajor(second)
            withExtendedLifetime((first, second)) {
                for i in 0..<first.storageCount { first.pointer[i] += second.pointer[i] }
            }
        }
        return first
    }
}
