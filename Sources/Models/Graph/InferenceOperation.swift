import Kernels

/// An operation of an `InferenceGraph`. Whoever translates graphs switches over all of them, so that a new one does not
/// compile until it is translated.
public enum InferenceOperation: Hashable, Sendable {
    /// A trained tensor, row-major. Its name is unique in its graph and stands for it where operations are compared.
    public struct Constant: Hashable, Sendable {
        /// PyTorch's name, such as `layer1.0.conv1.weight`.
        public let name: String
        /// PyTorch's.
        public let shape: [Int]
        /// As many as `shape` says.
        public let elements: [Float]

        /// A tensor by its name, which must be its alone.
        public init(name: String, shape: [Int], elements: [Float]) {
            self.name = name
            self.shape = shape
            self.elements = elements
        }

        public static func == (one: Constant, other: Constant) -> Bool { one.name == other.name }

        public func hash(into hasher: inout Hasher) { hasher.combine(name) }
    }

    /// (N, I, H, W) -> (N, O, H', W'), padded with zeros: weight (O, I, K, K), bias (O).
    case convolution(weight: Constant, bias: Constant?, stride: Int, padding: Int)
    /// γ·(x - mean)/√(variance + ε) + β, each (C), of (N, C, H, W).
    case batchNorm(scale: Constant, shift: Constant, mean: Constant, variance: Constant, epsilon: Double)
    /// The maximum of each window of (N, C, H, W).
    case maxPool(PoolingGeometry)
    /// max(x, 0)
    case relu
    /// 1 / (1 + exp(-x))
    case logistic
    /// (N, C, H, W) -> (N, C)
    case meanOverPositions
    /// (N, C, H, W) -> (N, C)
    case maximumOverPositions
    /// (N, C, H, W) -> (N, 1, H, W)
    case meanOverChannels
    /// (N, C, H, W) -> (N, 1, H, W)
    case maximumOverChannels
    /// Two of (N, C, H, W), one behind the other along the channels.
    case concatenation
    /// (N, C) -> (N, C): along the channels, zero padded, weight (1, 1, k), k odd.
    case channelConvolution(weight: Constant)
    /// x·wᵀ + b, (N, I) -> (N, O): weight (O, I), bias (O).
    case linear(weight: Constant, bias: Constant?)
    /// x + y, of one shape.
    case sum
    /// x·m for x (N, C, H, W) and a channel map m (N, C).
    case scalingOfChannels
    /// x·m for x (N, C, H, W) and a position map m (N, 1, H, W).
    case scalingOfPositions

    /// All trained tensors that it reads.
    public var constants: [Constant] {
        switch self {
        case .convolution(let weight, let bias, _, _), .linear(let weight, let bias):
            [weight] + (bias.map { [$0] } ?? [])
        case .batchNorm(let scale, let shift, let mean, let variance, _): [scale, shift, mean, variance]
        case .channelConvolution(let weight): [weight]
        case .maxPool, .relu, .logistic, .meanOverPositions, .maximumOverPositions, .meanOverChannels,
            .maximumOverChannels, .concatenation, .sum, .scalingOfChannels, .scalingOfPositions:
            []
        }
    }

    /// What names a node that has no trained tensor.
    var title: String {
        switch self {
        case .convolution: "convolution"
        case .batchNorm: "batch_norm"
        case .maxPool: "maxpool"
        case .relu: "relu"
        case .logistic: "sigmoid"
        case .meanOverPositions: "mean_over_positions"
        case .maximumOverPositions: "maximum_over_positions"
        case .meanOverChannels: "mean_over_channels"
        case .maximumOverChannels: "maximum_over_channels"
        case .concatenation: "concatenation"
        case .channelConvolution: "channel_convolution"
        case .linear: "linear"
        case .sum: "sum"
        case .scalingOfChannels: "scaling_of_channels"
        case .scalingOfPositions: "scaling_of_positions"
        }
    }
}

extension Parameter {
    /// The value as it is now.
    var constant: InferenceOperation.Constant {
        InferenceOperation.Constant(name: name, shape: shape.dimensions, elements: elements)
    }
}
