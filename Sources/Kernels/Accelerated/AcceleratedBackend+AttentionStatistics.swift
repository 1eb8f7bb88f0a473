import Tensors

/// Positions that are worked on at a time, for all channels: their accumulators stay in the first-level cache, and the
/// next plane's part can be prefetched.
let attentionTile = 16

extension AcceleratedBackend {
    public func attentionStatistics(_ input: FeatureMap) -> AttentionStatistics {
        block == 16 ? statistics(input, SIMD16<Float>.self) : statistics(input, SIMD8<Float>.self)
    }

    private func statistics<V: LaneVector>(_ input: FeatureMap, _: V.Type) -> AttentionStatistics {
        let x = BlockedMap<V>(input.values)
        let channelMaximum = Tensor([x.batch, x.channels], pool: pool)
        let maps = Tensor([x.batch, 2, input.shape.height, input.shape.width], pool: pool)
        var channelArgument = [Int32](repeating: 0, count: x.batch * x.channels)
        var positionArgument = [Int32](repeating: 0, count: x.batch * x.positions)
        channelArgument.withUnsafeMutableBufferPointer { channelArgument in
            positionArgument.withUnsafeMutableBufferPointer { positionArgument in
                guard let ofChannels = channelArgument.baseAddress, let ofPositions = positionArgument.baseAddress
                else { return }
                let kernel = AttentionStatisticsKernel<V>(
                    x, Line<V>(input, x), channelMaximum: channelMaximum.pointer, channelArgument: ofChannels,
                    positionMaps: maps.pointer, positionArgument: ofPositions)
                team.forEach(x.batch, kernel.run)
            }
        }
        return AttentionStatistics(
            channelMaximum: channelMaximum, channelArgument: channelArgument, positionMaps: maps,
            positionArgument: positionArgument)
    }
}

/// One pass over an image: each channel's maximum, each position's mean and maximum, and where the maxima are.
private struct AttentionStatisticsKernel<V: LaneVector> {
    private let x: BlockedMap<V>
    private let line: Line<V>
    /// Padding channels are zero; minus infinity keeps them from being a maximum.
    private let penalty: [V]
    private let channelMaximum: UnsafeMutablePointer<Float>
    private let channelArgument: UnsafeMutablePointer<Int32>
    private let positionMaps: UnsafeMutablePointer<Float>
    private let positionArgument: UnsafeMutablePointer<Int32>

    init(
        _ x: BlockedMap<V>, _ line: Line<V>, channelMaximum: UnsafeMutablePointer<Float>,
        channelArgument: UnsafeMutablePointer<Int32>, positionMaps: UnsafeMutablePointer<Float>,
        positionArgument: UnsafeMutablePointer<Int32>
    ) {
        self.x = x
        self.line = line
        penalty = x.vectors({ _ in 0 }, padding: -.infinity)
        self.channelMaximum = channelMaximum
        self.channelArgument = channelArgument
        self.positionMaps = positionMaps
        self.positionArgument = positionArgument
    }

    func run(_ n: Int) {
        withUnsafeTemporaryAllocation(of: TileMaximum<V>.self, capacity: x.blocks) { channels in
            channels.initialize(repeating: TileMaximum())
            withUnsafeTemporaryAllocation(of: V.self, capacity: attentionTile) { sums in
                withUnsafeTemporaryAllocation(of: RunningMaximum<V>.self, capacity: attentionTile) { maxima in
                    for start in stride(from: 0, to: x.positions, by: attentionTile) {
                        let count = min(attentionTile, x.positions - start)
                        sums.initialize(repeating: .zero)
                        maxima.initialize(repeating: RunningMaximum())
                        for block in 0..<x.blocks { scan(n, block, start, count, &channels[block], sums, maxima) }
                        for p in 0..<count { report(n, start + p, sums[p].laneSum(), maxima[p]) }
                    }
                }
            }
            for c in 0..<x.channels { report(n, c, channels[c / V.lanes]) }
        }
    }

    /// One block of channels of a tile.
    @inline(__always)
    private func scan(
        _ n: Int, _ block: Int, _ start: Int, _ count: Int, _ channel: inout TileMaximum<V>,
        _ sums: UnsafeMutableBufferPointer<V>, _ maxima: UnsafeMutableBufferPointer<RunningMaximum<V>>
    ) {
        let values = UnsafePointer(x.plane(n, block)) + start * V.lanes
        // The next block's part, or this image's next tile.
        let next =
            block + 1 < x.blocks
            ? values + x.positions * V.lanes : UnsafePointer(x.plane(n, 0)) + (start + count) * V.lanes
        let (a, b, excluded) = (line.slope[block], line.intercept[block], penalty[block])
        var ofChannel = V(repeating: -.infinity)
        for p in 0..<count {
            next.prefetch(p, as: V.self)
            let value = values.vector(p) * a + b
            sums[p] = sums[p] + value
            maxima[p].take(value + excluded, Int32(block))
            ofChannel = ofChannel.maximum(value)
        }
        channel.take(ofChannel, Int32(start))
    }

    private func report(_ n: Int, _ position: Int, _ sum: Float, _ running: RunningMaximum<V>) {
        var (maximum, channel) = (-Float.infinity, Int32(0))
        for lane in 0..<V.lanes {
            let (value, block) = running.value(lane: lane)
            let candidate = block * Int32(V.lanes) + Int32(lane)
            if value > maximum || (value == maximum && candidate < channel) { (maximum, channel) = (value, candidate) }
        }
        positionMaps[2 * n * x.positions + position] = sum / Float(x.channels)
        positionMaps[(2 * n + 1) * x.positions + position] = maximum
        positionArgument[n * x.positions + position] = channel
    }

    /// Finds the maximum in the tile that has it.
    private func report(_ n: Int, _ channel: Int, _ found: TileMaximum<V>) {
        let (block, lane) = (channel / V.lanes, channel % V.lanes)
        let (maximum, start) = found.value(lane: lane)
        let values = UnsafePointer(x.plane(n, block)) + lane
        let (a, b) = (line.slope[block][lane], line.intercept[block][lane])
        channelMaximum[n * x.channels + channel] = maximum
        let tile = Int(start)..<min(Int(start) + attentionTile, x.positions)
        let position = tile.first { values[$0 * V.lanes] * a + b == maximum } ?? 0
        channelArgument[n * x.channels + channel] = Int32(position)
    }
}

/// The first of the largest values so far, and its index, in each lane.
private struct RunningMaximum<V: LaneVector>: BitwiseCopyable {
    private var maximum = V(repeating: -.infinity)
    private var argument = V.indices(repeating: 0)

    @inline(__always) mutating func take(_ value: V, _ index: Int32) {
        maximum.keepMaximum(value, index, &argument)
    }

    @inline(__always) func value(lane: Int) -> (maximum: Float, argument: Int32) {
        (maximum[lane], V.index(argument, lane: lane))
    }
}

/// The largest value so far, and the start of the first tile that has it, in each lane.
private typealias TileMaximum = RunningMaximum
