import Tensors

extension ReferenceBackend {
    public func channelConvolution(_ input: Tensor, weight: Tensor) -> Tensor {
        requireRowMajor(input, weight)
        let (batch, channels, taps) = (input.shape[0], input.shape[1], channelTaps(weight))
        let output = makeTensor(input.shape)
        withExtendedLifetime((input, weight, output)) {
            for n in 0..<batch {
                let (x, y) = (input.pointer + n * channels, output.pointer + n * channels)
                for c in 0..<channels {
                    var sum: Float = 0
                    for j in overlap(taps, at: c, size: channels) { sum += weight.pointer[j] * x[c + j - taps / 2] }
                    y[c] = sum
                }
            }
        }
        return output
    }

    public func channelConvolutionGradient(
        _ outputGradient: Tensor, input: Tensor, weight: Tensor, weightGradient: Tensor
    ) -> Tensor {
        requireRowMajor(outputGradient, input, weight, weightGradient)
        require(outputGradient, hasShape: input.shape, "the output gradient")
        require(weightGradient, hasShape: weight.shape, "the weight gradient")
        let (batch, channels, taps) = (input.shape[0], input.shape[1], channelTaps(weight))
        let inputGradient = makeZeros(input.shape)
        var sums = [Double](repeating: 0, count: taps)
        withExtendedLifetime((outputGradient, input, weight, inputGradient)) {
            for n in 0..<batch {
                let (x, g) = (input.pointer + n * channels, outputGradient.pointer + n * channels)
                let result = inputGradient.pointer + n * channels
                for c in 0..<channels {
                    for j in overlap(taps, at: c, size: channels) {
                        result[c + j - taps / 2] += weight.pointer[j] * g[c]
                        sums[j] += Double(g[c]) * Double(x[c + j - taps / 2])
                    }
                }
            }
        }
        weightGradient.copy(from: sums.map { Float($0) })
        return inputGradient
    }

    public func mapConvolution(_ input: Tensor, weight: Tensor) -> Tensor {
        requireRowMajor(input, weight)
        let taps = requireMapConvolution(input, weight)
        let output = makeZeros([input.shape.batch, input.shape.positions])
        withExtendedLifetime((input, weight, output)) {
            forEachTap(of: input.shape, taps) { n, tap, x, y, count in
                let factor = weight.pointer[tap]
                let source = input.pointer + n * 2 * input.shape.positions + x
                let destination = output.pointer + n * input.shape.positions + y
                for i in 0..<count { destination[i] += factor * source[i] }
            }
        }
        return output
    }

    public func mapConvolutionGradient(
        _ outputGradient: Tensor, input: Tensor, weight: Tensor, weightGradient: Tensor
    ) -> Tensor {
        requireRowMajor(outputGradient, input, weight, weightGradient)
        let taps = requireMapConvolution(input, weight)
        require(outputGradient, hasShape: [input.shape.batch, input.shape.positions], "the output gradient")
        require(weightGradient, hasShape: weight.shape, "the weight gradient")
        let inputGradient = makeZeros(input.shape)
        var sums = [Double](repeating: 0, count: weight.shape.elementCount)
        withExtendedLifetime((outputGradient, input, weight, inputGradient)) {
            forEachTap(of: input.shape, taps) { n, tap, x, y, count in
                let factor = weight.pointer[tap]
                let source = input.pointer + n * 2 * input.shape.positions + x
                let result = inputGradient.pointer + n * 2 * input.shape.positions + x
                let g = outputGradient.pointer + n * input.shape.positions + y
                var sum = 0.0
                for i in 0..<count {
                    result[i] += factor * g[i]
                    sum += Double(g[i]) * Double(source[i])
                }
                sums[tap] += sum
            }
        }
        weightGradient.copy(from: sums.map { Float($0) })
        return inputGradient
    }

    /// The kernel's size k.
    private func requireMapConvolution(_ input: Tensor, _ weight: Tensor) -> Int {
        let taps = oddSize(weight.shape.width)
        precondition(input.shape.channels == 2, "a map convolution reads two planes, not \(input.shape)")
        require(weight, hasShape: [1, 2, taps, taps], "the weight")
        return taps
    }

    /// Calls `body` for every image n, weight element `tap` and output row that it reaches: `count` outputs from `y` on,
    /// in an (H, W) plane, meet as many inputs from `x` on, in a (2, H, W) image.
    @inline(__always)
    private func forEachTap(
        of shape: Shape, _ taps: Int, _ body: (_ n: Int, _ tap: Int, _ x: Int, _ y: Int, _ count: Int) -> Void
    ) {
        let (height, width) = (shape.height, shape.width)
        for n in 0..<shape.batch {
            for plane in 0..<2 {
                for row in 0..<height {
                    for u in overlap(taps, at: row, size: height) {
                        for v in 0..<taps {
                            let shift = v - taps / 2
                            let first = max(0, -shift)
                            let count = min(width, width - shift) - first
                            guard count > 0 else { continue }
                            let sourceRow = plane * height + row + u - taps / 2
                            body(
                                n, (plane * taps + u) * taps + v, sourceRow * width + first + shift,
                                row * width + first, count)
                        }
                    }
                }
            }
        }
    }
}

/// The size k of a channel convolution's weight (k).
private func channelTaps(_ weight: Tensor) -> Int {
    precondition(weight.shape.rank == 1, "a channel convolution's weight has shape (k), not \(weight.shape)")
    return oddSize(weight.shape[0])
}

private func oddSize(_ size: Int) -> Int {
    precondition(size % 2 == 1, "an attention convolution has an odd size, not \(size)")
    return size
}

/// The taps j of an odd kernel for which `center` + j - ⌊k/2⌋ is inside 0 ..< size.
private func overlap(_ taps: Int, at center: Int, size: Int) -> Range<Int> {
    max(0, taps / 2 - center)..<min(taps, size + taps / 2 - center)
}
