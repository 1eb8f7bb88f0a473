import Kernels
import Tensors

/// The maps that one attention module made of a batch: what it multiplied its input (N, C, H, W) by.
public struct AttentionRecord: Sendable {
    /// What the module's parameters' names begin with: `layer1.0.attention`, or `layer1.attention` after a stage.
    public let module: String
    /// Mc (N, C), row-major; nil where the module weighs no channels.
    public let channel: Tensor?
    /// Ms (N, H, W), row-major; nil where the module weighs no positions.
    public let position: Tensor?

    init(module: String, _ maps: AttentionMaps, input: Shape) {
        self.module = module
        channel = maps.weighsChannels ? maps.channel : nil
        position = maps.weighsPositions ? maps.position.reshaped([input.batch, input.height, input.width]) : nil
    }
}

extension ResNet {
    /// An inference of images (N, 3, H, W), row-major, and the maps of every attention module, in the order of the
    /// forward; none without attention. The output is the inference's, bit for bit.
    public func attention(to images: Tensor) throws -> (output: Output, records: [AttentionRecord]) {
        var records: [AttentionRecord] = []
        let output = try output(images, .observing { records.append($0) })
        return (output, records)
    }
}
