import Kernels
import Tensors

/// Spatial attention of CBAM (arXiv 1807.06521) for x (N, C, D, H, W): σ(conv3d([mean; max over channels])), a map
/// (N, 1, D, H, W); `conv.weight` (1, 2, k, k, k), without bias, zero padded, at first PyTorch's default.
public final class VolumeSpatialAttention {
    private let weight: Parameter
    private var saved: Saved?

    private struct Saved {
        let shape: VolumeShape
        let statistics: [Float]
        let map: Tensor
        /// Of each image and position: the channel of the maximum.
        let owners: [Int]
    }

    /// - Parameters:
    ///   - name: what the parameter's name begins with.
    ///   - kernel: k, odd: 3 or 7.
    ///   - backend: computes.
    ///   - generator: of the initial weight.
    public init(_ name: String, kernel: Int = 7, backend: any Backend, generator: inout RandomGenerator) {
        precondition(kernel % 2 == 1, "\(name): a spatial kernel is odd")
        let count = 2 * kernel * kernel * kernel
        weight = Parameter(
            name: "\(name).conv.weight", shape: [1, 2, kernel, kernel, kernel],
            elements: generator.defaultWeights(count, inputs: count), backend: backend)
    }

    /// `conv.weight`.
    public var parameters: [Parameter] { [weight] }

    /// The map of x; one backward may follow if `training`.
    public func map(of input: Tensor, training: Bool) -> Tensor {
        let shape = VolumeShape(input.shape)
        let x = input.elements
        // (N, 2, D, H, W): means, then maxima.
        var statistics: [Float] = []
        var owners: [Int] = []
        for n in 0..<shape.batch {
            let first = n * shape.channels * shape.volume
            var sums = [Double](repeating: 0, count: shape.volume)
            var best = [Int](repeating: 0, count: shape.volume)
            for c in 0..<shape.channels {
                for q in 0..<shape.volume {
                    let value = x[first + c * shape.volume + q]
                    sums[q] += Double(value)
                    if value > x[first + best[q] * shape.volume + q] { best[q] = c }
                }
            }
            statistics += sums.map { Float($0 / Double(shape.channels)) }
            statistics += best.enumerated().map { q, channel in x[first + channel * shape.volume + q] }
            owners += best
        }
        let scores = convolution(shape).forward(statistics, weight: weight.elements)
        let map = Tensor(scores, shape: [shape.batch, 1, shape.depth, shape.height, shape.width])
        applyLogistic(map)
        if training { saved = Saved(shape: shape, statistics: statistics, map: map, owners: owners) }
        return map
    }

    /// Sets the weight's gradient and returns dL/dx from dL/dmap.
    public func backward(_ mapGradient: Tensor) -> Tensor {
        guard let saved else { preconditionFailure("a backward needs a training forward before it") }
        self.saved = nil
        let shape = saved.shape
        let gradient = Tensor(mapGradient.elements, shape: mapGradient.shape)
        applyLogisticGradient(gradient, output: saved.map)
        let (toStatistics, toWeight) = convolution(shape).backward(
            gradient.elements, x: saved.statistics, weight: weight.elements)
        weight.copy(toWeight, to: weight.gradient)
        var inputGradient = [Float](repeating: 0, count: shape.planes * shape.plane)
        for n in 0..<shape.batch {
            let (means, first) = (2 * n * shape.volume, n * shape.channels * shape.volume)
            for c in 0..<shape.channels {
                for q in 0..<shape.volume {
                    var sent = toStatistics[means + q] / Float(shape.channels)
                    if saved.owners[n * shape.volume + q] == c { sent += toStatistics[means + shape.volume + q] }
                    inputGradient[first + c * shape.volume + q] = sent
                }
            }
        }
        return Tensor(inputGradient, shape: shape.shape)
    }

    private func convolution(_ shape: VolumeShape) -> VolumeConvolution {
        VolumeConvolution(shape: shape, kernel: weight.shape[2])
    }
}
