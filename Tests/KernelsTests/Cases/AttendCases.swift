import Kernels
import Tensors

/// Operands: x. The arguments of maxima are compared as numbers.
struct StatisticsCase: OracleCase {
    let input: Shape
    /// As after a relu: many equal zeros.
    let rectified: Bool

    var testDescription: String { "\(input)\(rectified ? " after relu" : "")" }
    /// The mean divides by the number of channels.
    var isExactOnIntegers: Bool { Double(input.channels).significand == 1 }

    func operands(from source: inout OperandSource) -> [DoubleTensor] {
        let x = source.tensor(input)
        // Two thirds below zero, so that whole positions and channels are zero.
        return [rectified ? x.map { $0 - 1 }.rectified : x]
    }

    func run(_ operands: [DoubleTensor], on backend: any Backend) -> [Observation] {
        let statistics = backend.attentionStatistics(FeatureMap(backend.activation(operands[0])), training: true)
        return [
            backend.observe(statistics.channelMaximum, "channel maximum"),
            Observation("where channels have it", statistics.channelArgument.map(Double.init)),
            backend.observe(statistics.positionMaps, "mean and maximum of positions"),
            Observation("where positions have it", statistics.positionArgument.map(Double.init)),
        ]
    }

    func expected(_ operands: [DoubleTensor]) -> [Observation] {
        let statistics = Oracle.attentionStatistics(operands[0])
        return [
            Observation("channel maximum", statistics.channelMaximum),
            Observation("where channels have it", statistics.channelArgument.map(Double.init)),
            Observation("mean and maximum of positions", statistics.positionMaps),
            Observation("where positions have it", statistics.positionArgument.map(Double.init)),
        ]
    }

    static let all = [false, true].flatMap { rectified in
        [[1, 1, 1, 1], [2, 3, 5, 7], [1, 16, 4, 4], [2, 17, 3, 3], [3, 33, 1, 5], [1, 64, 7, 7], [2, 8, 6, 6]].map {
            StatisticsCase(input: Shape($0), rectified: rectified)
        }
    }
    static let large = [StatisticsCase(input: [2, 256, 28, 28], rectified: true)]
}

/// Operands: x, Mc (N, C), Ms (N, H·W), shortcut, dL/dy, and the gradients of channel maximum (N, C) and of the
/// position maps (N, 2, H, W).
struct AttendCase: OracleCase {
    let input: Shape
    let fusion: AttentionFusion
    let hasShortcut: Bool
    let relu: Bool

    var testDescription: String {
        "\(fusion) of \(input)\(hasShortcut ? " with shortcut" : "")\(relu ? " with relu" : "")"
    }
    /// The mean's gradient is divided by the number of channels.
    var isExactOnIntegers: Bool { Double(input.channels).significand == 1 }

    func operands(from source: inout OperandSource) -> [DoubleTensor] {
        let (channels, positions): (Shape, Shape) = ([input.batch, input.channels], [input.batch, input.positions])
        return [
            source.tensor(input), source.positives(channels), source.positives(positions), source.tensor(input),
            source.tensor(input), source.tensor(channels), source.tensor([input.batch, 2, input.height, input.width]),
        ]
    }

    func run(_ operands: [DoubleTensor], on backend: any Backend) -> [Observation] {
        let x = FeatureMap(backend.activation(operands[0]))
        let maps = AttentionMaps(
            channel: backend.rowMajor(operands[1]), position: backend.rowMajor(operands[2]), fusion: fusion)
        let y = backend.attend(
            x, maps, shortcut: hasShortcut ? FeatureMap(backend.activation(operands[3])) : nil, relu: relu,
            inPlace: false)
        let (g, dmc, dms) = backend.attendMapGradients(
            GradientSum(backend.activation(operands[4])), output: y, input: x, maps, relu: relu)
        let statistics = backend.attentionStatistics(x, training: true)
        let dx = backend.attendInputGradient(
            g, maps,
            StatisticsGradient(
                channelMaximum: (backend.rowMajor(operands[5]), statistics),
                positionMaps: (backend.rowMajor(operands[6]), statistics)))
        return [
            backend.observe(activation: y, "y"), backend.observe(activation: g, "g"), backend.observe(dmc, "dMc"),
            backend.observe(dms, "dMs"), backend.observe(activation: dx, "dx"),
            backend.observe(
                activation: backend.attend(
                    x, maps, shortcut: hasShortcut ? FeatureMap(backend.activation(operands[3])) : nil, relu: relu,
                    inPlace: true), "y in place"),
        ]
    }

    func expected(_ operands: [DoubleTensor]) -> [Observation] {
        let (x, mc, ms) = (operands[0], operands[1], operands[2])
        let y = Oracle.attend(x, mc, ms, fusion, shortcut: hasShortcut ? operands[3] : nil, relu: relu)
        let g = Oracle.masked(operands[4], y, relu: relu)
        var (dmc, dms, dx) = (mc.map { _ in 0 }, ms.map { _ in 0 }, x)
        let statistics = Oracle.attentionStatistics(x)
        Oracle.forEachElement(input) { n, c, h, w in
            let p = h * input.width + w
            let product = g[n, c, h, w] * x[n, c, h, w]
            dmc[n, c] += fusion == .sum ? product : product * ms[n, p]
            dms[n, p] += fusion == .sum ? product : product * mc[n, c]
            var gradient = g[n, c, h, w] * (fusion == .sum ? mc[n, c] + ms[n, p] : mc[n, c] * ms[n, p])
            gradient += operands[6][n, 0, h, w] / Double(input.channels)
            if statistics.channelArgument[n * input.channels + c] == p { gradient += operands[5][n, c] }
            if statistics.positionArgument[n * input.positions + p] == c { gradient += operands[6][n, 1, h, w] }
            dx[n, c, h, w] = gradient
        }
        return [
            Observation("y", y), Observation("g", g), Observation("dMc", dmc), Observation("dMs", dms),
            Observation("dx", dx), Observation("y in place", y),
        ]
    }

    static let all = AttentionFusion.allCases.flatMap { fusion in
        [(false, false), (true, true), (true, false), (false, true)].flatMap { hasShortcut, relu in
            [[1, 1, 1, 1], [2, 16, 4, 4], [2, 17, 3, 5], [1, 5, 7, 7], [1, 64, 2, 3]].map {
                AttendCase(input: Shape($0), fusion: fusion, hasShortcut: hasShortcut, relu: relu)
            }
        }
    }
    static let large = AttentionFusion.allCases.map {
        AttendCase(input: [2, 256, 28, 28], fusion: $0, hasShortcut: true, relu: true)
    }
}
