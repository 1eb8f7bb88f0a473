import Kernels
import Tensors

/// Channel attention of CBAM (arXiv 1807.06521) for x (N, C, D, H, W): σ(MLP(mean over H, W) + MLP(max over H, W)), a map
/// (N, C, D, 1, 1), as pooling keeps the depth. The perceptron, which 1 × 1 × 1 convolutions are, is the same at every
/// depth: `fc1.weight` (C/r, C) and `fc2.weight` (C, C/r), without bias.
public final class VolumeChannelAttention {
    private let perceptron: ChannelPerceptron
    private var saved: Saved?

    private struct Saved {
        let shape: VolumeShape
        let map: Tensor
        /// Of each plane: the element that is the maximum.
        let owners: [Int]
    }

    /// - Parameters:
    ///   - name: what the parameters' names begin with.
    ///   - channels: C.
    ///   - ratio: r; at least one neuron is left.
    ///   - backend: computes.
    ///   - generator: of the initial weights, PyTorch's default.
    public init(
        _ name: String, channels: Int, ratio: Int = 8, backend: any Backend, generator: inout RandomGenerator
    ) {
        perceptron = ChannelPerceptron(
            name, channels: channels, ratio: ratio, backend: backend, generator: &generator)
    }

    /// `fc1.weight` and `fc2.weight`.
    public var parameters: [Parameter] { perceptron.parameters }

    /// The map of x; one backward may follow if `training`.
    public func map(of input: Tensor, training: Bool) -> Tensor {
        let shape = VolumeShape(input.shape)
        let x = input.elements
        // Rows of channels: the means of every image and depth, then the maxima.
        var rows = [Float](repeating: 0, count: 2 * shape.planes)
        var owners: [Int] = []
        for plane in 0..<shape.planes {
            let elements = plane * shape.plane..<(plane + 1) * shape.plane
            var (sum, best) = (0.0, elements.lowerBound)
            for index in elements {
                sum += Double(x[index])
                if x[index] > x[best] { best = index }
            }
            owners.append(best)
            let place = shape.rowPlace(ofPlane: plane)
            rows[place] = Float(sum / Double(shape.plane))
            rows[shape.planes + place] = x[best]
        }
        let scores = perceptron.forward(
            Tensor(rows, shape: [2 * shape.batch * shape.depth, shape.channels]), training: training
        ).elements
        let sums = (0..<shape.planes).map { plane in
            let place = shape.rowPlace(ofPlane: plane)
            return scores[place] + scores[shape.planes + place]
        }
        let map = Tensor(sums, shape: [shape.batch, shape.channels, shape.depth, 1, 1])
        applyLogistic(map)
        if training { saved = Saved(shape: shape, map: map, owners: owners) }
        return map
    }

    /// Sets the parameters' gradients and returns dL/dx from dL/dmap.
    public func backward(_ mapGradient: Tensor) -> Tensor {
        guard let saved else { preconditionFailure("a backward needs a training forward before it") }
        self.saved = nil
        let shape = saved.shape
        let gradient = Tensor(mapGradient.elements, shape: mapGradient.shape)
        applyLogisticGradient(gradient, output: saved.map)
        let incoming = gradient.elements
        var rows = [Float](repeating: 0, count: 2 * shape.planes)
        for plane in 0..<shape.planes {
            let place = shape.rowPlace(ofPlane: plane)
            rows[place] = incoming[plane]
            rows[shape.planes + place] = incoming[plane]
        }
        let toRows = perceptron.backward(
            Tensor(rows, shape: [2 * shape.batch * shape.depth, shape.channels])
        ).elements
        var inputGradient = [Float](repeating: 0, count: shape.planes * shape.plane)
        for plane in 0..<shape.planes {
            let place = shape.rowPlace(ofPlane: plane)
            let share = toRows[place] / Float(shape.plane)
            for index in plane * shape.plane..<(plane + 1) * shape.plane { inputGradient[index] = share }
            inputGradient[saved.owners[plane]] += toRows[shape.planes + place]
        }
        return Tensor(inputGradient, shape: shape.shape)
    }
}

extension VolumeShape {
    /// Where plane (n, c, d) stands among rows (n, d) of channels.
    fileprivate func rowPlace(ofPlane plane: Int) -> Int {
        let (n, c, d) = (plane / (channels * depth), plane / depth % channels, plane % depth)
        return (n * depth + d) * channels + c
    }
}
