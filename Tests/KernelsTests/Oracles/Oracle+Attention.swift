import Kernels
import Tensors

extension Oracle {
    struct Statistics {
        /// (N, C)
        let channelMaximum: DoubleTensor
        let channelArgument: [Int]
        /// (N, 2, H, W)
        let positionMaps: DoubleTensor
        let positionArgument: [Int]
    }

    static func attentionStatistics(_ x: DoubleTensor) -> Statistics {
        let (batch, channels, positions) = (x.shape.batch, x.shape.channels, x.shape.positions)
        func value(_ n: Int, _ c: Int, _ p: Int) -> Double { x.elements[(n * channels + c) * positions + p] }
        func firstMaximum(_ values: [Double]) -> (value: Double, index: Int) {
            let largest = values.max()!
            return (largest, values.firstIndex(of: largest)!)
        }
        var channelMaxima: [(value: Double, index: Int)] = []
        var positionMaxima: [(value: Double, index: Int)] = []
        var maps: [Double] = []
        for n in 0..<batch {
            channelMaxima += (0..<channels).map { c in firstMaximum((0..<positions).map { value(n, c, $0) }) }
            let columns = (0..<positions).map { p in (0..<channels).map { value(n, $0, p) } }
            maps += columns.map { $0.reduce(0, +) / Double(channels) }
            maps += columns.map { firstMaximum($0).value }
            positionMaxima += columns.map(firstMaximum)
        }
        return Statistics(
            channelMaximum: DoubleTensor(channelMaxima.map(\.value), shape: [batch, channels]),
            channelArgument: channelMaxima.map(\.index),
            positionMaps: DoubleTensor(maps, shape: [batch, 2, x.shape.height, x.shape.width]),
            positionArgument: positionMaxima.map(\.index))
    }

    /// `channelMap` (N, C), `positionMap` (N, H·W)
    static func attend(
        _ x: DoubleTensor, _ channelMap: DoubleTensor, _ positionMap: DoubleTensor, _ fusion: AttentionFusion,
        shortcut: DoubleTensor?, relu: Bool
    ) -> DoubleTensor {
        var y = x
        forEachElement(x.shape) { n, c, h, w in
            let (mc, ms) = (channelMap[n, c], positionMap[n, h * x.shape.width + w])
            let attended = fusion == .sum ? x[n, c, h, w] * mc + x[n, c, h, w] * ms : x[n, c, h, w] * mc * ms
            y[n, c, h, w] = attended + (shortcut?[n, c, h, w] ?? 0)
        }
        return relu ? y.rectified : y
    }

    /// x (N, C), w (k)
    static func channelConvolution(_ x: DoubleTensor, _ w: DoubleTensor) -> DoubleTensor {
        var y = DoubleTensor.zeros(x.shape)
        forEachChannelProduct(x.shape, w.shape[0]) { n, c, j, source in y[n, c] += w.elements[j] * x[n, source] }
        return y
    }

    static func channelConvolutionGradients(
        _ g: DoubleTensor, _ x: DoubleTensor, _ w: DoubleTensor
    ) -> (input: DoubleTensor, weight: DoubleTensor) {
        var (dx, dw) = (DoubleTensor.zeros(x.shape), DoubleTensor.zeros(w.shape))
        forEachChannelProduct(x.shape, w.shape[0]) { n, c, j, source in
            dx[n, source] += w.elements[j] * g[n, c]
            dw.elements[j] += x[n, source] * g[n, c]
        }
        return (dx, dw)
    }

    /// The ordinary convolution of two planes that a map convolution is.
    static func mapGeometry(_ weight: Shape) -> ConvolutionGeometry {
        ConvolutionGeometry(inputChannels: 2, outputChannels: 1, kernel: weight.width, padding: weight.width / 2)
    }

    private static func forEachChannelProduct(
        _ x: Shape, _ taps: Int, _ body: (_ n: Int, _ c: Int, _ j: Int, _ source: Int) -> Void
    ) {
        for n in 0..<x[0] {
            for c in 0..<x[1] {
                for j in 0..<taps where (0..<x[1]).contains(c + j - taps / 2) { body(n, c, j, c + j - taps / 2) }
            }
        }
    }
}
