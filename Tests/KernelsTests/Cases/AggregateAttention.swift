import Foundation
import Kernels
import Tensors

/// The aggregate attention module put together from a backend's operations:
/// Mc = s(conv1d(GMP F)), Ms = s(conv2d([mean_c F; max_c F])), y = attend(F) + shortcut, rectified.
struct AggregateAttention {
    let fusion: AttentionFusion

    /// - Parameter operands: F, the channel convolution's w (k), the map convolution's w (1, 2, 7, 7), shortcut, dL/dy.
    func run(_ operands: [DoubleTensor], on backend: any Backend) -> [Observation] {
        let features = FeatureMap(backend.activation(operands[0]))
        let (channelWeight, mapWeight) = (backend.rowMajor(operands[1]), backend.rowMajor(operands[2]))

        let statistics = backend.attentionStatistics(features, training: true)
        let maps = AttentionMaps(
            channel: logistic(backend.channelConvolution(statistics.channelMaximum, weight: channelWeight)),
            position: logistic(backend.mapConvolution(statistics.positionMaps, weight: mapWeight)), fusion: fusion)
        let y = backend.attend(
            features, maps, shortcut: FeatureMap(backend.activation(operands[3])), relu: true, inPlace: false)

        let (g, dMc, dMs) = backend.attendMapGradients(
            GradientSum(backend.activation(operands[4])), output: y, input: features, maps, relu: true)
        let channelWeightGradient = backend.gradientSpace(channelWeight.shape)
        let mapWeightGradient = backend.gradientSpace(mapWeight.shape)
        let channelMaximum = backend.channelConvolutionGradient(
            logisticGradient(dMc, maps.channel), input: statistics.channelMaximum, weight: channelWeight,
            weightGradient: channelWeightGradient)
        let positionMaps = backend.mapConvolutionGradient(
            logisticGradient(dMs, maps.position), input: statistics.positionMaps, weight: mapWeight,
            weightGradient: mapWeightGradient)
        let statisticsGradient = StatisticsGradient(
            channelMaximum: (channelMaximum, statistics), positionMaps: (positionMaps, statistics))
        let featureGradient = backend.attendInputGradient(g, maps, statisticsGradient)
        return [
            backend.observe(activation: y, "y"), backend.observe(activation: featureGradient, "dx"),
            backend.observe(channelWeightGradient, "dw1"), backend.observe(mapWeightGradient, "dw2"),
            backend.observe(activation: g, "dshortcut"),
        ]
    }

    /// Σ y·g by the oracles.
    func loss(_ operands: [DoubleTensor]) -> Double {
        let shape = operands[0].shape
        let statistics = Oracle.attentionStatistics(operands[0])
        let channelMap = Oracle.channelConvolution(statistics.channelMaximum, operands[1]).map(logistic)
        let positionMap = Oracle.convolution(
            statistics.positionMaps, operands[2], Oracle.mapGeometry(operands[2].shape)
        ).map(logistic).reshaped([shape.batch, shape.positions])
        return Oracle.attend(operands[0], channelMap, positionMap, fusion, shortcut: operands[3], relu: true)
            .dot(operands[4])
    }
}

private func logistic(_ x: Double) -> Double { 1 / (1 + exp(-x)) }

private func logistic(_ tensor: Tensor) -> Tensor {
    Tensor(tensor.elements.map { Float(logistic(Double($0))) }, shape: tensor.shape)
}

/// dL/dx from dL/dy and y = s(x)
private func logisticGradient(_ gradient: Tensor, _ y: Tensor) -> Tensor {
    Tensor(zip(gradient.elements, y.elements).map { $0 * $1 * (1 - $1) }, shape: y.shape)
}

/// Operands as `AggregateAttention.run`'s.
struct AggregateAttentionCase: DifferentiableCase {
    let input: Shape
    let channelTaps: Int
    let fusion: AttentionFusion

    var testDescription: String { "\(fusion) of \(input), \(channelTaps) taps" }

    func operands(from source: inout OperandSource) -> [DoubleTensor] {
        [
            source.tensor(input), source.tensor([channelTaps]), source.tensor([1, 2, 7, 7], scale: 0.2),
            source.tensor(input), source.tensor(input),
        ]
    }

    func run(_ operands: [DoubleTensor], on backend: any Backend) -> [Observation] {
        AggregateAttention(fusion: fusion).run(operands, on: backend)
    }

    func loss(_ operands: [DoubleTensor]) -> Double { AggregateAttention(fusion: fusion).loss(operands) }

    var gradients: [(observation: String, operand: Int)] {
        [("dx", 0), ("dw1", 1), ("dw2", 2), ("dshortcut", 3)]
    }

    static let all = AttentionFusion.allCases.flatMap { fusion in
        [([2, 5, 4, 3], 3), ([1, 17, 3, 3], 5)].map {
            AggregateAttentionCase(input: Shape($0), channelTaps: $1, fusion: fusion)
        }
    }
}
