import CVectors
import Tensors

extension AcceleratedBackend {
    public func attentionStatistics(
        _ input: FeatureMap, scaledBy channelMap: Tensor?, training: Bool
    ) -> AttentionStatistics {
        block == 16
            ? statistics(input, channelMap, training, SIMD16<Float>.self)
            : statistics(input, channelMap, training, SIMD8<Float>.self)
    }

    private func statistics<V: LaneVector>(
        _ input: FeatureMap, _ channelMap: Tensor?, _ training: Bool, _: V.Type
    ) -> AttentionStatistics {
        let x = BlockedMap<V>(input.values)
        let channelMaximum = Tensor([x.batch, x.channels], pool: pool)
        let maps = Tensor([x.batch, 2, input.shape.height, input.shape.width], pool: pool)
        var channelArgument = [Int32](repeating: 0, count: training ? x.batch * x.channels : 0)
        var positionArgument = [Int32](repeating: 0, count: training ? x.batch * x.positions : 0)
        channelArgument.withUnsafeMutableBufferPointer { channelArgument in
            positionArgument.withUnsafeMutableBufferPointer { positionArgument in
                let kernel = AttentionStatisticsKernel<V>(
                    x, Line<V>(input, x), scale: channelMap.map { UnsafePointer($0.pointer) },
                    channelMaximum: channelMaximum.pointer, positionMaps: maps.pointer,
                    arguments: training ? (channelArgument, positionArgument) : nil)
                team.forEach(x.batch, kernel.run)
            }
        }
        return AttentionStatistics(
            channelMaximum: channelMaximum, channelArgument: channelArgument, positionMaps: maps,
            positionArgument: positionArgument, channelMap: channelMap)
    }

    public func attentionScaleGradient(
        _ positionMaps: Tensor, of statistics: AttentionStatistics, input: FeatureMap
    ) -> Tensor {
        let gradient = Tensor([input.shape.batch, input.shape.channels], pool: pool)
        func run<V: LaneVector>(_: V.Type) {
            let x = BlockedMap<V>(input.values)
            let line = Line<V>(input, x)
            let share = 1 / Float(x.channels)
            team.forEach(x.batch) { n in
                let ofMean = positionMaps.pointer + 2 * n * x.positions
                let ofMaximum = ofMean + x.positions
                let sums = gradient.pointer + n * x.channels
                for block in 0..<x.blocks {
                    let values = UnsafePointer(x.plane(n, block))
                    let (a, b) = (line.slope[block], line.intercept[block])
                    var sum = V.zero
                    for p in 0..<x.positions { sum = sum + (values.vector(p) * a + b) * V(repeating: ofMean[p]) }
                    for lane in 0..<x.realLanes(block) { sums[block * V.lanes + lane] = sum[lane] * share }
                }
                for p in 0..<x.positions {
                    let channel = Int(statistics.positionArgument[n * x.positions + p])
                    let (block, lane) = (channel / V.lanes, channel % V.lanes)
                    let value = x.plane(n, block)[p * V.lanes + lane]
                    sums[channel] += ofMaximum[p] * (value * line.slope[block][lane] + line.intercept[block][lane])
                }
            }
        }
        if block == 16 { run(SIMD16<Float>.self) } else { run(SIMD8<Float>.self) }
        return gradient
    }
}

/// One pass over an image: each channel's maximum, each position's mean and maximum, and where the maxima are.
private struct AttentionStatisticsKernel<V: LaneVector> {
    typealias Arguments = (channels: UnsafeMutableBufferPointer<Int32>, positions: UnsafeMutableBufferPointer<Int32>)

    private let x: BlockedMap<V>
    private let line: Line<V>
    /// Mc (N, C) if the statistics are of F·Mc.
    private let scale: UnsafePointer<Float>?
    /// Padding channels are zero; minus infinity keeps them from being a maximum.
    private let penalty: [V]
    private let channelMaximum: UnsafeMutablePointer<Float>
    private let positionMaps: UnsafeMutablePointer<Float>
    private let arguments: Arguments?

    init(
        _ x: BlockedMap<V>, _ line: Line<V>, scale: UnsafePointer<Float>?,
        channelMaximum: UnsafeMutablePointer<Float>, positionMaps: UnsafeMutablePointer<Float>, arguments: Arguments?
    ) {
        self.x = x
        self.line = line
        self.scale = scale
        penalty = x.vectors({ _ in 0 }, padding: -.infinity)
        self.channelMaximum = channelMaximum
        self.positionMaps = positionMaps
        self.arguments = arguments
    }

    /// Image `n`.
    func run(_ n: Int) {
        let count = x.blocks * V.lanes
        withUnsafeTemporaryAllocation(of: Float.self, capacity: count) { maxima in
            withUnsafeTemporaryAllocation(of: Int32.self, capacity: count) { places in
                fill(n, maxima, places)
                for c in 0..<x.channels { channelMaximum[n * x.channels + c] = maxima[c] }
                guard let arguments else { return }
                for c in 0..<x.channels { arguments.channels[n * x.channels + c] = places[c] }
            }
        }
    }

    /// `maxima` and `places` are those of the channels, padding included.
    private func fill(
        _ n: Int, _ maxima: UnsafeMutableBufferPointer<Float>, _ places: UnsafeMutableBufferPointer<Int32>
    ) {
        withFloats(scaled(line.slope, n)) { slope in
            withFloats(scaled(line.intercept, n)) { intercept in
                withFloats(penalty) { penalty in
                    var image = CVectorsImage(
                        values: x.plane(n, 0), slope: slope, intercept: intercept, penalty: penalty, blocks: x.blocks,
                        channels: x.channels, positions: x.positions)
                    let maps = positionMaps + 2 * n * x.positions
                    var statistics = CVectorsStatistics(
                        channelMaximum: maxima.baseAddress, channelArgument: places.baseAddress, positionMean: maps,
                        positionMaximum: maps + x.positions,
                        positionArgument: (arguments?.positions.baseAddress).map { $0 + n * x.positions })
                    CVectors_attentionStatistics(&image, &statistics, V.lanes, arguments != nil)
                }
            }
        }
    }

    private func scaled(_ vectors: [V], _ n: Int) -> [V] {
        guard let scale else { return vectors }
        return vectors.indices.map { vectors[$0] * x.vector(of: scale, n, $0) }
    }

    private func withFloats(_ vectors: [V], _ body: (UnsafePointer<Float>?) -> Void) {
        vectors.withUnsafeBytes { body($0.assumingMemoryBound(to: Float.self).baseAddress) }
    }
}
