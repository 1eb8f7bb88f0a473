import Kernels
import Tensors

extension ModelConfiguration {
    /// The attention modules, as `--attention` names them.
    public enum Attention: String, CaseIterable, Codable, Sendable {
        /// `AggregateAttention`
        case aam
        /// `ConvolutionalBlockAttention`
        case cbam
        /// `SqueezeExcitation`
        case se
        /// `EfficientChannelAttention`
        case eca
        /// `ChannelAttention`
        case channel
        /// `SpatialAttention`
        case spatial
        /// A plain ResNet.
        case none

        var module: (any AttentionModule.Type)? {
            switch self {
            case .aam: AggregateAttention.self
            case .cbam: ConvolutionalBlockAttention.self
            case .se: SqueezeExcitation.self
            case .eca: EfficientChannelAttention.self
            case .channel: ChannelAttention.self
            case .spatial: SpatialAttention.self
            case .none: nil
            }
        }
    }

    /// The chosen attention for a feature map of `channels` channels.
    public func makeAttention(
        _ name: String, channels: Int, backend: any Backend, generator: inout RandomGenerator
    ) -> AttentionLayer? {
        guard let module = attention.module else { return nil }
        return AttentionLayer(
            name, module.init(name, channels: channels, self, backend: backend, generator: &generator), backend: backend
        )
    }
}
