/// The weights of an antialiased bilinear resize along one axis, in the fixed-point arithmetic of Pillow's
/// `Resample.c`, so that results are the same bit for bit.
///
/// Output pixel o covers the input around (o + 1/2)·scale with a triangle of half-width max(scale, 1); its weights are
/// normalised in double precision and rounded to multiples of 2^-22.
struct ResampleFilter {
    /// Fractional bits of a weight.
    static let precision: Int32 = 22

    struct Taps {
        /// The first input pixel.
        let start: Int
        let count: Int
    }

    /// For each output pixel.
    let taps: [Taps]
    /// All input pixels that matter.
    let inputs: Range<Int>
    /// Whether input and output are equally long, so that nothing needs to be computed.
    let isIdentity: Bool
    /// Room for every output pixel's weights.
    let stride: Int
    /// Weights of output pixel o from o·stride on.
    let weights: [Int32]

    /// The filter for the output pixels `kept` of a resize from `input` to `output` pixels.
    init(from input: Int, to output: Int, kept: Range<Int>) {
        let scale = Double(input) / Double(output)
        let support = max(scale, 1)
        let stride = Int(support.rounded(.up)) * 2 + 1
        var taps: [Taps] = []
        var weights = [Int32](repeating: 0, count: kept.count * stride)
        var exact = [Double](repeating: 0, count: stride)
        taps.reserveCapacity(kept.count)
        for (position, pixel) in kept.enumerated() {
            let center = (Double(pixel) + 0.5) * scale
            let start = max(0, Int(center - support + 0.5))
            let count = min(input, Int(center + support + 0.5)) - start
            var sum = 0.0
            for tap in 0..<count {
                let distance = abs((Double(tap + start) - center + 0.5) * (1 / support))
                exact[tap] = max(0, 1 - distance)
                sum += exact[tap]
            }
            for tap in 0..<count {
                let weight = sum == 0 ? exact[tap] : exact[tap] / sum
                weights[position * stride + tap] = Int32(0.5 + weight * Double(1 << Self.precision))
            }
            taps.append(Taps(start: start, count: count))
        }
        self.taps = taps
        isIdentity = input == output
        inputs = isIdentity ? kept : (taps.first?.start ?? 0)..<(taps.last.map { $0.start + $0.count } ?? 0)
        self.stride = stride
        self.weights = weights
    }
}
