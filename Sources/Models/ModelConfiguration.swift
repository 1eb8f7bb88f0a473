import Kernels

/// What a model is, as checkpoints record it.
public struct ModelConfiguration: Hashable, Codable, Sendable {
    /// He et al. 2016; the stride of a bottleneck stands at its 3 × 3 convolution, as in torchvision.
    public enum Architecture: String, CaseIterable, Codable, Sendable {
        /// Eight blocks of two 3 × 3 convolutions.
        case resnet18
        /// Sixteen blocks of two 3 × 3 convolutions.
        case resnet34
        /// Sixteen bottlenecks.
        case resnet50
        /// 33 bottlenecks.
        case resnet101
    }

    /// Where attention stands.
    public enum Placement: String, CaseIterable, Codable, Sendable {
        /// In every residual block, on the last batch norm's output, before the shortcut is added.
        case block
        /// After each of the four stages.
        case stage
    }

    /// Which ResNet.
    public var architecture: Architecture
    /// Which attention module.
    public var attention: Attention
    /// Where attention stands.
    public var placement: Placement
    /// How AAM joins its two branches.
    public var fusion: AttentionFusion
    /// Of the channel attention of AAM and ECA: 5 in the paper.
    public var channelKernel: ChannelKernel
    /// Side of the spatial attention's kernel: odd, 7 in the paper.
    public var spatialKernel: Int
    /// What SE and CBAM divide the channels by in their perceptron's hidden layer.
    public var ratio: Int
    /// Of the classifier.
    public var classes: Int

    /// A ResNet with the paper's attention, unless told otherwise.
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

    /// As in `resnet18 with aam attention`.
    public var title: String {
        "\(architecture) \(attention == .none ? "without attention" : "with \(attention) attention")"
    }
}

/// Size of the channel attention's 1-D kernel.
public enum ChannelKernel: Hashable, Sendable {
    /// This size, odd.
    case fixed(Int)
    /// ECA's rule (arXiv 1910.03151) for C channels: the whole part of log2(C)/2 + 1/2, made odd upwards, at least 3.
    case auto

    /// The kernel's size for C channels.
    public func size(channels: Int) -> Int {
        switch self {
        case .fixed(let size): return size
        case .auto:
            // t = ⌊(log2(C) + 1)/2⌋ of the authors' code; only the whole part of the logarithm counts.
            let size = (Int.bitWidth - channels.leadingZeroBitCount) / 2
            return max(3, size % 2 == 1 ? size : size + 1)
        }
    }

    /// `auto`, or an odd number; else nil.
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
