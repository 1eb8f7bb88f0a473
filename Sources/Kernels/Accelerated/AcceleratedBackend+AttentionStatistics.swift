import Tensors

/// Positions that are worked on at a time, for all channels: their accumulators stay in the first-level cache, and the
/// next plane's part can be prefetched.
let attentionTile = 16

/// Blocks that memory needs to answer a prefetch.
private let prefetchDistance = 6

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

/// One pass over an image: each channel's maximum, each position's mean and maximum. Where the maxima are is looked up
/// afterwards, while a tile is still near.
private struct AttentionStatisticsKernel<V: LaneVector> {
    private let x: BlockedMap<V>
    private let line: Line<V>
    /// The line's numbers, one a channel, padding included.
    private let slopes: [Float]
    private let intercepts: [Float]
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
        slopes = line.slope.flatMap { vector in (0..<V.lanes).map { vector[$0] } }
        intercepts = line.intercept.flatMap { vector in (0..<V.lanes).map { vector[$0] } }
        penalty = x.vectors({ _ in 0 }, padding: -.infinity)
        self.channelMaximum = channelMaximum
        self.channelArgument = channelArgument
        self.positionMaps = positionMaps
        self.positionArgument = positionArgument
    }

    func run(_ n: Int) {
        withUnsafeTemporaryAllocation(of: RunningMaximum<V>.self, capacity: x.blocks) { channels in
            channels.initialize(repeating: RunningMaximum())
            withUnsafeTemporaryAllocation(of: V.self, capacity: 2 * attentionTile) { accumulators in
                let sums = UnsafeMutableBufferPointer(rebasing: accumulators[..<attentionTile])
                let maxima = UnsafeMutableBufferPointer(rebasing: accumulators[attentionTile...])
                for start in stride(from: 0, to: x.positions, by: attentionTile) {
                    let tile = start..<min(start + attentionTile, x.positions)
                    sums.initialize(repeating: .zero)
                    maxima.initialize(repeating: V(repeating: -.infinity))
                    for block in 0..<x.blocks {
                        channels[block].take(scan(n, block, tile, sums, maxima), Int32(start))
                    }
                    for p in tile { report(n, p, sums[p - start].laneSum(), &maxima[p - start]) }
                }
            }
            for block in 0..<x.blocks { report(n, block, channels[block]) }
        }
    }

    /// Adds one block of channels of a tile to `sums` and `maxima`; its maximum over the positions.
    @inline(__always)
    private func scan(
        _ n: Int, _ block: Int, _ tile: Range<Int>, _ sums: UnsafeMutableBufferPointer<V>,
        _ maxima: UnsafeMutableBufferPointer<V>
    ) -> V {
        let values = UnsafePointer(x.plane(n, block)) + tile.lowerBound * V.lanes
        // A part that will be read soon: some blocks on, or in this image's next tile.
        let ahead = block + prefetchDistance
        let next =
            ahead < x.blocks
            ? values + prefetchDistance * x.positions * V.lanes
            : UnsafePointer(x.plane(n, (ahead - x.blocks) % x.blocks)) + tile.upperBound * V.lanes
        let (a, b) = (line.slope[block], line.intercept[block])
        var ofChannel = V(repeating: -.infinity)
        if x.realLanes(block) == V.lanes {
            for p in 0..<tile.count {
                next.prefetch(p, as: V.self)
                let value = values.vector(p) * a + b
                sums[p] = sums[p] + value
                maxima[p] = maxima[p].maximum(value)
                ofChannel = ofChannel.maximum(value)
            }
        } else {
            let excluded = penalty[block]
            for p in 0..<tile.count {
                let value = values.vector(p) * a + b
                sums[p] = sums[p] + value
                maxima[p] = maxima[p].maximum(value + excluded)
                ofChannel = ofChannel.maximum(value)
            }
        }
        return ofChannel
    }

    /// Finds the first channel that has a position's maximum.
    private func report(_ n: Int, _ position: Int, _ sum: Float, _ maxima: inout V) {
        let maximum = maxima.laneMaximum()
        var channel = Int.max
        withUnsafeBytes(of: &maxima) { lanes in
            let lanes = lanes.assumingMemoryBound(to: Float.self)
            for lane in 0..<V.lanes where lanes[lane] == maximum {
                // A later block than that of a channel that is found already cannot have the first.
                for block in 0..<min(x.blocks, (channel - lane) / V.lanes + 1)
                where value(n, block, lane, position) == maximum {
                    channel = min(channel, block * V.lanes + lane)
                    break
                }
            }
        }
        positionMaps[2 * n * x.positions + position] = sum / Float(x.channels)
        positionMaps[(2 * n + 1) * x.positions + position] = maximum
        positionArgument[n * x.positions + position] = channel < x.channels ? Int32(channel) : 0
    }

    /// Finds the first positions that have a block's maxima: in a small plane by going through it backwards, in a large
    /// one in the first tile that has a maximum.
    private func report(_ n: Int, _ block: Int, _ found: RunningMaximum<V>) {
        let first = n * x.channels + block * V.lanes
        if x.positions <= 64 {
            let values = UnsafePointer(x.plane(n, block))
            let (a, b) = (line.slope[block], line.intercept[block])
            var places = V.indices(repeating: 0)
            for p in stride(from: x.positions - 1, through: 0, by: -1) {
                (values.vector(p) * a + b).mark(where: found.maximum, Int32(p), &places)
            }
            for lane in 0..<x.realLanes(block) {
                channelMaximum[first + lane] = found.maximum[lane]
                channelArgument[first + lane] = V.index(places, lane: lane)
            }
            return
        }
        for lane in 0..<x.realLanes(block) {
            let (maximum, start) = found.value(lane: lane)
            let end = min(Int(start) + attentionTile, x.positions)
            let position = (Int(start)..<end).first { value(n, block, lane, $0) == maximum } ?? 0
            channelMaximum[first + lane] = maximum
            channelArgument[first + lane] = Int32(position)
        }
    }

    @inline(__always)
    private func value(_ n: Int, _ block: Int, _ lane: Int, _ position: Int) -> Float {
        let channel = block * V.lanes + lane
        return x.plane(n, block)[position * V.lanes + lane] * slopes[channel] + intercepts[channel]
    }
}

/// The largest value so far, and the start of the first tile that has it, in each lane.
private struct RunningMaximum<V: LaneVector>: BitwiseCopyable {
    private(set) var maximum = V(repeating: -.infinity)
    private var argument = V.indices(repeating: 0)

    @inline(__always) mutating func take(_ value: V, _ index: Int32) {
        maximum.keepMaximum(value, index, &argument)
    }

    @inline(__always) func value(lane: Int) -> (maximum: Float, argument: Int32) {
        (maximum[lane], V.index(argument, lane: lane))
    }
}
