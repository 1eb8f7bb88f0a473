import Kernels
import Tensors

/// Attention on a map that is normalised on the way, with a shortcut that is too, and a gradient in two parts: against
/// the same operations on stored maps. Operands: x, mean, inverse deviation, γ, β of both batch norms, shortcut, Mc
/// (N, C), Ms (N, H·W), the two parts of dL/dy, and the gradients of channel maximum (N, C) and position maps
/// (N, 2, H, W).
struct NormalizedAttendCase: OperationCase {
    let input: Shape
    let fusion: AttentionFusion

    var testDescription: String { "\(fusion) of \(input)" }

    func operands(from source: inout OperandSource) -> [DoubleTensor] {
        let (channels, positions): (Shape, Shape) = ([input.batch, input.channels], [input.batch, input.positions])
        let ofNorms = (0..<2).flatMap { _ in
            [
                source.tensor([input.channels]), source.positives([input.channels]), source.tensor([input.channels]),
                source.tensor([input.channels]),
            ]
        }
        return [source.tensor(input)] + ofNorms
            + [
                source.tensor(input), source.positives(channels), source.positives(positions), source.tensor(input),
                source.tensor(input), source.tensor(channels),
                source.tensor([input.batch, 2, input.height, input.width]),
            ]
    }

    /// As residual blocks compute it.
    func run(_ operands: [DoubleTensor], on backend: any Backend) -> [Observation] {
        let terms = Terms(operands, self, backend)
        let statistics = backend.attentionStatistics(terms.input, training: true)
        let y = backend.attend(terms.input, terms.maps, shortcut: terms.shortcut, relu: true, inPlace: false)
        let sum = backend.add(terms.input, terms.shortcut, relu: true, inPlace: false)
        let (g, dMc, dMs) = backend.attendMapGradients(
            GradientSum(backend.activation(operands[12]), backend.activation(operands[13])), output: y,
            input: terms.input, terms.maps, relu: true)
        let toStatistics = terms.toStatistics(statistics)
        let sums = backend.attendNormGradientSums(g, input: terms.input, terms.maps, toStatistics)
        let dx = backend.attendNormInputGradient(
            g, input: terms.input, terms.maps, toStatistics, sums: sums, count: terms.count)
        return terms.observe(statistics, y, sum, g, dMc, dMs, sums, dx)
    }

    /// The same from stored maps.
    func runOnStoredMaps(_ operands: [DoubleTensor], on backend: any Backend) -> [Observation] {
        let terms = Terms(operands, self, backend)
        func stored(_ map: FeatureMap) -> FeatureMap {
            FeatureMap(backend.batchNorm(map.values, map.normalization!, relu: false, inPlace: false))
        }
        let (features, shortcut) = (stored(terms.input), stored(terms.shortcut))
        let statistics = backend.attentionStatistics(features, training: true)
        let y = backend.attend(features, terms.maps, shortcut: shortcut, relu: true, inPlace: false)
        let sum = backend.add(features, shortcut, relu: true, inPlace: false)
        let total = backend.total(
            GradientSum(backend.activation(operands[12]), backend.activation(operands[13])))
        let (g, dMc, dMs) = backend.attendMapGradients(
            GradientSum(total), output: y, input: features, terms.maps, relu: true)
        let dF = backend.attendInputGradient(g, terms.maps, terms.toStatistics(statistics))
        let (values, normalization) = (terms.input.values, terms.input.normalization!)
        let sums = backend.batchNormGradientSums(dF, input: values, normalization, relu: false)
        let dx = backend.batchNormInputGradient(
            dF, input: values, normalization, relu: false, sums: sums, count: terms.count, inPlace: false)
        return terms.observe(statistics, y, sum, g, dMc, dMs, sums, dx)
    }

    static let all = AttentionFusion.allCases.flatMap { fusion in
        [[1, 1, 1, 1], [2, 16, 4, 4], [2, 17, 3, 5], [1, 5, 7, 7], [1, 64, 2, 3], [2, 256, 28, 28]].map {
            NormalizedAttendCase(input: Shape($0), fusion: fusion)
        }
    }
}

/// The operands as a backend takes them.
private struct Terms {
    let input: FeatureMap
    let shortcut: FeatureMap
    let maps: AttentionMaps
    let count: Double
    private let channelMaximum: Tensor
    private let positionMaps: Tensor
    private let backend: any Backend

    init(_ operands: [DoubleTensor], _ item: NormalizedAttendCase, _ backend: any Backend) {
        func features(_ values: Int, _ first: Int) -> FeatureMap {
            FeatureMap(
                backend.activation(operands[values]),
                Normalization(
                    mean: operands[first].floats, inverseDeviation: operands[first + 1].floats,
                    scale: backend.rowMajor(operands[first + 2]), shift: backend.rowMajor(operands[first + 3])))
        }
        self.backend = backend
        input = features(0, 1)
        shortcut = features(9, 5)
        maps = AttentionMaps(
            channel: backend.rowMajor(operands[10]), position: backend.rowMajor(operands[11]), fusion: item.fusion)
        count = Double(item.input.batch * item.input.positions)
        channelMaximum = backend.rowMajor(operands[14])
        positionMaps = backend.rowMajor(operands[15])
    }

    func toStatistics(_ statistics: AttentionStatistics) -> StatisticsGradient {
        StatisticsGradient(
            channelMaximum: (channelMaximum, statistics), positionMaps: (positionMaps, statistics))
    }

    func observe(
        _ statistics: AttentionStatistics, _ y: Tensor, _ sum: Tensor, _ g: Tensor, _ dMc: Tensor, _ dMs: Tensor,
        _ sums: ChannelSums, _ dx: Tensor
    ) -> [Observation] {
        [
            backend.observe(statistics.channelMaximum, "channel maximum"),
            Observation("where channels have it", statistics.channelArgument.map(Double.init)),
            backend.observe(statistics.positionMaps, "mean and maximum of positions"),
            Observation("where positions have it", statistics.positionArgument.map(Double.init)),
            backend.observe(activation: y, "y"), backend.observe(activation: sum, "sum"),
            backend.observe(activation: g, "g"), backend.observe(dMc, "dMc"), backend.observe(dMs, "dMs"),
            Observation("Σg", sums.first), Observation("Σgx̂", sums.second), backend.observe(activation: dx, "dx"),
        ]
    }
}
