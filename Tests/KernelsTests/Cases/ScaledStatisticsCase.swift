import Kernels
import Tensors

/// What CBAM adds to the passes: position maps of F·Mc, their gradient by Mc, and dL/dF = g·Mc·Ms + what the means over
/// positions and the position maps send. Operands: F, Mc (N, C), Ms (N, H·W), g, and the gradients of the means (N, C)
/// and of the position maps (N, 2, H, W).
struct ScaledStatisticsCase: OracleCase {
    let input: Shape

    var testDescription: String { "\(input)" }
    /// Means divide by the numbers of channels and positions.
    var isExactOnIntegers: Bool {
        Double(input.channels).significand == 1 && Double(input.positions).significand == 1
    }

    func operands(from source: inout OperandSource) -> [DoubleTensor] {
        let (channels, positions): (Shape, Shape) = ([input.batch, input.channels], [input.batch, input.positions])
        return [
            source.tensor(input), source.positives(channels), source.positives(positions), source.tensor(input),
            source.tensor(channels), source.tensor([input.batch, 2, input.height, input.width]),
        ]
    }

    func run(_ operands: [DoubleTensor], on backend: any Backend) -> [Observation] {
        let x = FeatureMap(backend.activation(operands[0]))
        let channelMap = backend.rowMajor(operands[1])
        let statistics = backend.attentionStatistics(x, scaledBy: channelMap, training: true)
        let positionMaps = backend.rowMajor(operands[5])
        let maps = AttentionMaps(
            channel: channelMap, position: backend.rowMajor(operands[2]), fusion: .product)
        let dx = backend.attendInputGradient(
            backend.activation(operands[3]), maps,
            StatisticsGradient(
                channelMean: backend.rowMajor(operands[4]), positionMaps: (positionMaps, statistics)))
        return [
            backend.observe(statistics.positionMaps, "mean and maximum of positions"),
            Observation("where positions have it", statistics.positionArgument.map(Double.init)),
            backend.observe(
                backend.attentionScaleGradient(positionMaps, of: statistics, input: x), "dMc of the position maps"),
            backend.observe(activation: dx, "dx"), backend.observe(backend.channelMean(x), "mean of channels"),
        ]
    }

    func expected(_ operands: [DoubleTensor]) -> [Observation] {
        let (x, mc, ms, g) = (operands[0], operands[1], operands[2], operands[3])
        var (scaled, dx) = (x, x)
        Oracle.forEachElement(input) { n, c, h, w in scaled[n, c, h, w] *= mc[n, c] }
        let statistics = Oracle.attentionStatistics(scaled)
        var (dmc, means) = (mc.map { _ in 0 }, mc.map { _ in 0 })
        Oracle.forEachElement(input) { n, c, h, w in
            let p = h * input.width + w
            var sent = operands[5][n, 0, h, w] / Double(input.channels)
            if statistics.positionArgument[n * input.positions + p] == c { sent += operands[5][n, 1, h, w] }
            dmc[n, c] += sent * x[n, c, h, w]
            means[n, c] += x[n, c, h, w] / Double(input.positions)
            dx[n, c, h, w] =
                g[n, c, h, w] * mc[n, c] * ms[n, p] + sent * mc[n, c] + operands[4][n, c] / Double(input.positions)
        }
        return [
            Observation("mean and maximum of positions", statistics.positionMaps),
            Observation("where positions have it", statistics.positionArgument.map(Double.init)),
            Observation("dMc of the position maps", dmc), Observation("dx", dx), Observation("mean of channels", means),
        ]
    }

    static let all = [[1, 1, 1, 1], [2, 16, 4, 4], [2, 17, 3, 5], [1, 5, 7, 7], [1, 64, 2, 4], [3, 8, 1, 2]].map {
        ScaledStatisticsCase(input: Shape($0))
    }
}
