import Kernels
import Tensors

extension Oracle {
    static func convolution(
        _ x: DoubleTensor, _ w: DoubleTensor, _ geometry: ConvolutionGeometry
    ) -> DoubleTensor {
        var y = DoubleTensor.zeros(outputShape(x.shape, geometry))
        forEachProduct(x.shape, geometry) { n, o, i, j, c, u, v, row, column in
            y[n, o, i, j] += w[o, c, u, v] * x[n, c, row, column]
        }
        return y
    }

    /// dL/dx and dL/dw
    static func convolutionGradients(
        _ g: DoubleTensor, _ x: DoubleTensor, _ w: DoubleTensor, _ geometry: ConvolutionGeometry
    ) -> (input: DoubleTensor, filter: DoubleTensor) {
        var (dx, dw) = (DoubleTensor.zeros(x.shape), DoubleTensor.zeros(w.shape))
        forEachProduct(x.shape, geometry) { n, o, i, j, c, u, v, row, column in
            dx[n, c, row, column] += g[n, o, i, j] * w[o, c, u, v]
            dw[o, c, u, v] += g[n, o, i, j] * x[n, c, row, column]
        }
        return (dx, dw)
    }

    /// Counts window positions instead of dividing.
    static func outputShape(_ x: Shape, _ geometry: ConvolutionGeometry) -> Shape {
        func count(_ size: Int, _ kernel: Int) -> Int {
            stride(from: -geometry.padding, through: size + geometry.padding - kernel, by: geometry.stride).reduce(0) {
                count, _ in count + 1
            }
        }
        return [
            x.batch, geometry.outputChannels, count(x.height, geometry.kernelHeight),
            count(x.width, geometry.kernelWidth),
        ]
    }

    private static func forEachProduct(
        _ x: Shape, _ geometry: ConvolutionGeometry,
        _ body: (_ n: Int, _ o: Int, _ i: Int, _ j: Int, _ c: Int, _ u: Int, _ v: Int, _ row: Int, _ column: Int) ->
            Void
    ) {
        let y = outputShape(x, geometry)
        for n in 0..<x.batch {
            for o in 0..<y.channels {
                for i in 0..<y.height {
                    for j in 0..<y.width {
                        for c in 0..<x.channels {
                            for u in 0..<geometry.kernelHeight {
                                for v in 0..<geometry.kernelWidth {
                                    let row = i * geometry.stride + u - geometry.padding
                                    let column = j * geometry.stride + v - geometry.padding
                                    guard (0..<x.height).contains(row), (0..<x.width).contains(column) else { continue }
                                    body(n, o, i, j, c, u, v, row, column)
                                }
                            }
                        }
                    }
                }
            }
        }
    }
}
