import Kernels

/// What a model is, as checkpoints record it.
public struct ModelConfiguration: Hashable, Codable, Sendable {
    public enum Architecture: String, CaseIterable, Codable, Sendable {
        case resnet18, resnet34, resnet50, resnet101
    }

    /// Where attention stands.
    public enum Placement: String, CaseIterable, Codable, Sendable {
        /// In every residual block, on the last batch norm's output, before the shortcut is added.
        case block
        /// After each of the four stages.
        case stage
    }

    public var architecture: Architecture
    public var attention: Attention
    public var placement: Placement
    public var fusion: AttentionFusion
    public var channelKernel: ChannelKernel
    /// Side of the spatial attention's kernel: odd, 7 in the paper.
    public var spatialKernel: Int
    /// What SE and CBAM divide the channels by in their perceptron's hidden layer.
    public var ratio: Int
    public var classes: Int

    public init(
        architecture: Architecture, attention: Attention = .aam, placement: Placement = .block,
        fusion: AttentionFusion = .sum, channelKernel: ChannelKernel = .fixed(5), spatialKernel: Int = 7,
        ratio: Int = 16, classes: Int
    ) {
        self.architecture = architecture
        self.attention = attention
        self.placement = placement
        self.fusion = fusion
        self.channelKernel = channelKernel
        self.spatialKernel = spatialKernel
        self.ratio = ratio
        self.classes = classes
    }
}

/// Size of the channel attention's 1-D kernel.
public enum ChannelKernel: Hashable, Sendable {
    case fixed(Int)
    /// ECA's rule (arXiv 1910.03151) for C channels: the whole part of log2(C)/2 + 1/2, made odd upwards, at least 3.
    case auto

    public func size(channels: Int) -> Int {
        switch self {
        case .fixed(let size): return size
        case .auto:
            // t = ⌊(log2(C) + 1)/2⌋ of the authors' code; only the whole part of the logarithm counts.
            let size = (Int.bitWidth - channels.leadingZeroBitCount) / 2
            return max(3, size % 2 == 1 ? size : size + 1)
        }
    }

    public init?(_ text: String) {
        if text == "auto" {
            self = .auto
        } else if let size = Int(text), size > 0, size % 2 == 1 {
            self = .fixed(size)
        } else {
            return nil
        }
    }

    public var description: String {
        switch self {
        case .fixed(let size): String(size)
        case .auto: "auto"
        }
    }
}

extension ChannelKernel: CodableAsText {
    public static var form: String { "`auto` or an odd number" }
}
