import Tensors

// The small operations on attention maps, whose cost is their count, not memory.

extension AcceleratedBackend {
    public func channelConvolution(_ input: Tensor, weight: Tensor) -> Tensor {
        let output = Tensor(input.shape, pool: pool)
        let (channels, kernel) = (input.shape[1], size(ofChannelKernel: weight))
        let (x, w, y) = (input.pointer, weight.pointer, output.pointer)
        for n in 0..<input.shape[0] {
            for c in 0..<channels {
                var sum: Float = 0
                for j in taps(kernel, at: c, of: channels) { sum += w[j] * x[n * channels + c + j - kernel / 2] }
                y[n * channels + c] = sum
            }
        }
        return output
    }

    public func channelConvolutionGradient(
        _ outputGradient: Tensor, input: Tensor, weight: Tensor, weightGradient: Tensor
    ) -> Tensor {
        let inputGradient = Tensor.zeros(input.shape, pool: pool)
        weightGradient.zero()
        let (channels, kernel) = (input.shape[1], size(ofChannelKernel: weight))
        let (x, w, g) = (input.pointer, weight.pointer, outputGradient.pointer)
        let (dx, dw) = (inputGradient.pointer, weightGradient.pointer)
        for n in 0..<input.shape[0] {
            for c in 0..<channels {
                let incoming = g[n * channels + c]
                for j in taps(kernel, at: c, of: channels) {
                    let source = n * channels + c + j - kernel / 2
                    dx[source] += incoming * w[j]
                    dw[j] += incoming * x[source]
                }
            }
        }
        return inputGradient
    }

    private func size(ofChannelKernel weight: Tensor) -> Int {
        precondition(weight.shape.rank == 1, "a channel convolution's weight has shape (k), not \(weight.shape)")
        return weight.shape[0]
    }

    /// The taps that fall on a channel.
    private func taps(_ kernel: Int, at channel: Int, of channels: Int) -> Range<Int> {
        max(0, kernel / 2 - channel)..<min(kernel, channels + kernel / 2 - channel)
    }

    public func mapConvolution(_ input: Tensor, weight: Tensor) -> Tensor {
        let output = Tensor([input.shape.batch, input.shape.positions], pool: pool)
        let (height, width, kernel) = (input.shape.height, input.shape.width, weight.shape[2])
        let positions = height * width
        team.forEach(input.shape.batch) { n in
            let planes = (0..<2).map { plane in
                FramedPlane(input.pointer + (2 * n + plane) * positions, height, width, border: kernel / 2)
            }
            correlate(planes, into: output.pointer + n * positions) { plane, u, v in
                weight.pointer[(plane * kernel + u) * kernel + v]
            }
        }
        return output
    }

    public func mapConvolutionGradient(
        _ outputGradient: Tensor, input: Tensor, weight: Tensor, weightGradient: Tensor
    ) -> Tensor {
        let inputGradient = Tensor(input.shape, pool: pool)
        let (height, width, kernel) = (input.shape.height, input.shape.width, weight.shape[2])
        let (batch, positions, taps) = (input.shape.batch, input.shape.positions, 2 * kernel * kernel)
        // One partial filter gradient an image, added in order, so that the number of threads changes nothing.
        let partial = Tensor.zeros([batch, taps], pool: pool)
        team.forEach(batch) { n in
            let gradient = FramedPlane(outputGradient.pointer + n * positions, height, width, border: kernel / 2)
            for plane in 0..<2 {
                let values = input.pointer + (2 * n + plane) * positions
                correlate([gradient], into: inputGradient.pointer + (2 * n + plane) * positions) { _, u, v in
                    weight.pointer[(plane * kernel + kernel - 1 - u) * kernel + kernel - 1 - v]
                }
                let framed = FramedPlane(values, height, width, border: kernel / 2)
                let sums = partial.pointer + n * taps + plane * kernel * kernel
                for u in 0..<kernel {
                    for v in 0..<kernel { sums[u * kernel + v] = gradient.product(with: framed, shiftedBy: u, v) }
                }
            }
        }
        weightGradient.zero()
        for n in 0..<batch {
            for tap in 0..<taps { weightGradient.pointer[tap] += partial.pointer[n * taps + tap] }
        }
        return inputGradient
    }

    /// y[i,j] = Σ_{plane,u,v} weight(plane,u,v) · plane[i+u-border,j+v-border], zero outside.
    private func correlate(
        _ planes: [FramedPlane], into output: UnsafeMutablePointer<Float>, weight: (Int, Int, Int) -> Float
    ) {
        let (height, width, kernel) = (planes[0].height, planes[0].width, 2 * planes[0].border + 1)
        let weights = planes.indices.flatMap { plane in
            (0..<kernel * kernel).map { weight(plane, $0 / kernel, $0 % kernel) }
        }
        for i in 0..<height {
            for j in stride(from: 0, to: width, by: FramedPlane.lanes) {
                var sum = SIMD16<Float>()
                for (index, plane) in planes.enumerated() {
                    for u in 0..<kernel {
                        for v in 0..<kernel {
                            let tap = SIMD16<Float>(repeating: weights[(index * kernel + u) * kernel + v])
                            sum = sum + tap * plane.vector(row: i + u, column: j + v)
                        }
                    }
                }
                for lane in 0..<min(FramedPlane.lanes, width - j) { output[i * width + j + lane] = sum[lane] }
            }
        }
    }
}

/// A plane with a border of zeros, wide enough on the right that whole vectors can be read at any column.
private final class FramedPlane {
    static let lanes = SIMD16<Float>.lanes
    let height: Int
    let width: Int
    let border: Int
    private let pitch: Int
    private let values: UnsafeMutablePointer<Float>

    init(_ source: UnsafePointer<Float>, _ height: Int, _ width: Int, border: Int) {
        self.height = height
        self.width = width
        self.border = border
        pitch = (width + Self.lanes - 1) / Self.lanes * Self.lanes + 2 * border
        let count = pitch * (height + 2 * border)
        values = .allocate(capacity: count)
        values.initialize(repeating: 0, count: count)
        for i in 0..<height {
            (values + (i + border) * pitch + border).update(from: source + i * width, count: width)
        }
    }

    deinit { values.deallocate() }

    /// 16 values from a row and column that count the border.
    @inline(__always)
    func vector(row: Int, column: Int) -> SIMD16<Float> {
        UnsafeRawPointer(values + row * pitch + column).loadUnaligned(as: SIMD16<Float>.self)
    }

    /// Σ_{i,j} self[i,j] · other[i+u-border,j+v-border]
    func product(with other: FramedPlane, shiftedBy u: Int, _ v: Int) -> Float {
        var sum = SIMD16<Float>()
        for i in 0..<height {
            for j in stride(from: 0, to: width, by: Self.lanes) {
                sum = sum + vector(row: i + border, column: j + border) * other.vector(row: i + u, column: j + v)
            }
        }
        return sum.sum()
    }
}
