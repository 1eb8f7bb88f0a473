import Kernels
import Tensors

/// CBAM (arXiv 1807.06521) for x (N, C, D, H, W): x·Mc·Ms, one after the other, where Ms is of x·Mc.
///
/// Written to be read, in plain loops over row-major tensors; the networks here have no volumes.
public final class VolumeBlockAttention {
    /// Makes Mc.
    public let channel: VolumeChannelAttention
    /// Makes Ms.
    public let spatial: VolumeSpatialAttention
    private var saved: Saved?

    private struct Saved {
        let shape: VolumeShape
        let input: [Float]
        let scaled: [Float]
        let channelMap: [Float]
        let spatialMap: [Float]
    }

    /// - Parameters:
    ///   - name: what the parameters' names begin with.
    ///   - channels: C.
    ///   - ratio: what the channels are divided by inside the perceptron.
    ///   - kernel: side of the 3-D kernel, 3 or 7.
    ///   - backend: computes.
    ///   - generator: of the initial weights, PyTorch's default.
    public init(
        _ name: String, channels: Int, ratio: Int = 8, kernel: Int = 7, backend: any Backend,
        generator: inout RandomGenerator
    ) {
        channel = VolumeChannelAttention(
            "\(name).channel", channels: channels, ratio: ratio, backend: backend, generator: &generator)
        spatial = VolumeSpatialAttention("\(name).spatial", kernel: kernel, backend: backend, generator: &generator)
    }

    /// The channel attention's, then the spatial attention's.
    public var parameters: [Parameter] { channel.parameters + spatial.parameters }

    /// (N, C, D, H, W) -> the same shape. One backward may follow if `training`.
    public func forward(_ input: Tensor, training: Bool) -> Tensor {
        let shape = VolumeShape(input.shape)
        let x = input.elements
        let channelMap = channel.map(of: input, training: training).elements
        let scaled = x.indices.map { x[$0] * channelMap[$0 / shape.plane] }
        let spatialMap = spatial.map(of: Tensor(scaled, shape: input.shape), training: training).elements
        if training {
            saved = Saved(
                shape: shape, input: x, scaled: scaled, channelMap: channelMap, spatialMap: spatialMap)
        }
        return Tensor(scaled.indices.map { scaled[$0] * spatialMap[shape.position(of: $0)] }, shape: input.shape)
    }

    /// Sets the parameters' gradients and returns dL/dx from dL/dy.
    public func backward(_ outputGradient: Tensor) -> Tensor {
        guard let saved else { preconditionFailure("a backward needs a training forward before it") }
        self.saved = nil
        let shape = saved.shape
        let g = outputGradient.elements
        var toSpatialMap = [Float](repeating: 0, count: saved.spatialMap.count)
        for index in g.indices { toSpatialMap[shape.position(of: index)] += g[index] * saved.scaled[index] }
        let throughSpatial = spatial.backward(
            Tensor(toSpatialMap, shape: [shape.batch, 1, shape.depth, shape.height, shape.width])
        ).elements
        let toScaled = g.indices.map { g[$0] * saved.spatialMap[shape.position(of: $0)] + throughSpatial[$0] }
        var toChannelMap = [Float](repeating: 0, count: shape.planes)
        for index in g.indices { toChannelMap[index / shape.plane] += toScaled[index] * saved.input[index] }
        let throughChannel = channel.backward(
            Tensor(toChannelMap, shape: [shape.batch, shape.channels, shape.depth, 1, 1])
        ).elements
        return Tensor(
            g.indices.map { toScaled[$0] * saved.channelMap[$0 / shape.plane] + throughChannel[$0] },
            shape: shape.shape)
    }
}

extension VolumeShape {
    /// Of an element (n, c, q), its place (n, q) in a spatial map.
    fileprivate func position(of element: Int) -> Int {
        element / (channels * volume) * volume + element % volume
    }
}
