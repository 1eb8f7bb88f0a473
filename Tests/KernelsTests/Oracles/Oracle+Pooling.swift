import Kernels
import Tensors

extension Oracle {
    /// The output, and for each of its elements the row-major index of its maximum in the input.
    static func maxPool(_ x: DoubleTensor, _ geometry: PoolingGeometry) -> (y: DoubleTensor, argument: [Int]) {
        let shape = x.shape
        func starts(_ size: Int) -> [Int] {
            Array(
                stride(from: -geometry.padding, through: size + geometry.padding - geometry.kernel, by: geometry.stride)
            )
        }
        let (rowStarts, columnStarts) = (starts(shape.height), starts(shape.width))
        var (values, argument): ([Double], [Int]) = ([], [])
        for plane in 0..<shape.batch * shape.channels {
            for rowStart in rowStarts {
                for columnStart in columnStarts {
                    var best: (value: Double, index: Int)?
                    for row in rowStart..<rowStart + geometry.kernel where (0..<shape.height).contains(row) {
                        for column in columnStart..<columnStart + geometry.kernel
                        where (0..<shape.width).contains(column) {
                            let index = (plane * shape.height + row) * shape.width + column
                            if best.map({ x.elements[index] > $0.value }) ?? true { best = (x.elements[index], index) }
                        }
                    }
                    values.append(best!.value)
                    argument.append(best!.index)
                }
            }
        }
        let y = DoubleTensor(values, shape: [shape.batch, shape.channels, rowStarts.count, columnStarts.count])
        return (y, argument)
    }

    /// (N, C)
    static func globalAveragePool(_ x: DoubleTensor) -> DoubleTensor {
        var y = DoubleTensor.zeros([x.shape.batch, x.shape.channels])
        forEachElement(x.shape) { n, c, h, w in y[n, c] += x[n, c, h, w] / Double(x.shape.positions) }
        return y
    }

    /// x (N, I), w (O, I), b (O)
    static func linear(_ x: DoubleTensor, _ w: DoubleTensor, _ b: DoubleTensor) -> DoubleTensor {
        var y = DoubleTensor.zeros([x.shape[0], w.shape[0]])
        for n in 0..<x.shape[0] {
            for o in 0..<w.shape[0] {
                y[n, o] = b.elements[o]
                for i in 0..<w.shape[1] { y[n, o] += x[n, i] * w[o, i] }
            }
        }
        return y
    }
}
