import Tensors

extension Oracle {
    /// A normalisation's per-channel numbers.
    struct Normalization {
        let mean, inverseDeviation, scale, shift: [Double]

        func y(_ x: Double, _ c: Int) -> Double {
            scale[c] * normalized(x, c) + shift[c]
        }

        /// x̂
        func normalized(_ x: Double, _ c: Int) -> Double {
            (x - mean[c]) * inverseDeviation[c]
        }
    }

    /// Σx and Σx², or any other two sums, over each channel's elements.
    static func channelSums(
        _ shape: Shape, _ terms: (_ n: Int, _ c: Int, _ h: Int, _ w: Int) -> (Double, Double)
    ) -> (first: [Double], second: [Double]) {
        var sums = (
            first: [Double](repeating: 0, count: shape.channels), second: [Double](repeating: 0, count: shape.channels)
        )
        forEachElement(shape) { n, c, h, w in
            let (first, second) = terms(n, c, h, w)
            sums.first[c] += first
            sums.second[c] += second
        }
        return sums
    }

    static func batchNorm(_ x: DoubleTensor, _ normalization: Normalization, relu: Bool) -> DoubleTensor {
        var y = x
        forEachElement(x.shape) { n, c, h, w in y[n, c, h, w] = normalization.y(x[n, c, h, w], c) }
        return relu ? y.rectified : y
    }

    /// g where the rectified output is positive, else 0.
    static func masked(_ g: DoubleTensor, _ y: DoubleTensor, relu: Bool) -> DoubleTensor {
        DoubleTensor(zip(g.elements, y.elements).map { !relu || $1 > 0 ? $0 : 0 }, shape: g.shape)
    }

    static func batchNormInputGradient(
        _ g: DoubleTensor, _ x: DoubleTensor, _ normalization: Normalization, sums: (first: [Double], second: [Double]),
        count: Double
    ) -> DoubleTensor {
        var dx = x
        forEachElement(x.shape) { n, c, h, w in
            let normalized = normalization.normalized(x[n, c, h, w], c)
            dx[n, c, h, w] =
                normalization.scale[c] * normalization.inverseDeviation[c]
                * (g[n, c, h, w] - sums.first[c] / count - normalized * sums.second[c] / count)
        }
        return dx
    }

    static func forEachElement(_ shape: Shape, _ body: (_ n: Int, _ c: Int, _ h: Int, _ w: Int) -> Void) {
        for n in 0..<shape.batch {
            for c in 0..<shape.channels {
                for h in 0..<shape.height {
                    for w in 0..<shape.width { body(n, c, h, w) }
                }
            }
        }
    }
}
