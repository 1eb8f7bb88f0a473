import Tensors

/// Positions that are worked on at a time, for all channels: their accumulators stay in the first-level cache.
let attentionTile = 64

extension AcceleratedBackend {
    public func attentionStatistics(_ input: FeatureMap) -> AttentionStatistics {
        block == 16 ? statistics(input, SIMD16<Float>.self) : statistics(input, SIMD8<Float>.self)
    }

    private func statistics<V: LaneVector>(_ input: FeatureMap, _: V.Type) -> AttentionStatistics {
        let x = BlockedMap<V>(input.values)
        let line = Line<V>(input, x)
        let channelMaximum = Tensor([x.batch, x.channels], pool: pool)
        let maps = Tensor([x.batch, 2, input.shape.height, input.shape.width], pool: pool)
        var channelArgument = [Int32](repeating: 0, count: x.batch * x.channels)
        var positionArgument = [Int32](repeating: 0, count: x.batch * x.positions)
        // Padding channels are zero; minus infinity keeps them from being a maximum.
        let penalty = x.vectors({ _ in 0 }, padding: -.infinity)
        channelArgument.withUnsafeMutableBufferPointer { channelArgument in
            positionArgument.withUnsafeMutableBufferPointer { positionArgument in
                team.forEach(x.batch) { n in
                    withUnsafeTemporaryAllocation(of: RunningMaximum<V>.self, capacity: x.blocks + attentionTile) {
                        maxima in
                        withUnsafeTemporaryAllocation(of: V.self, capacity: attentionTile) { sums in
                            scan(
                                x, n, line, penalty,
                                channels: UnsafeMutableBufferPointer(rebasing: maxima[..<x.blocks]),
                                positions: UnsafeMutableBufferPointer(rebasing: maxima[x.blocks...]), sums: sums
                            ) { position, mean, maximum, channel in
                                maps.pointer[2 * n * x.positions + position] = mean
                                maps.pointer[(2 * n + 1) * x.positions + position] = maximum
                                positionArgument[n * x.positions + position] = channel
                            }
                        }
                        for c in 0..<x.channels {
                            let (maximum, position) = maxima[c / V.lanes].value(lane: c % V.lanes)
                            channelMaximum.pointer[n * x.channels + c] = maximum
                            channelArgument[n * x.channels + c] = position
                        }
                    }
                }
            }
        }
        return AttentionStatistics(
            channelMaximum: channelMaximum, channelArgument: channelArgument, positionMaps: maps,
            positionArgument: positionArgument)
    }

    /// One pass over image `n`: leaves each channel's maximum in `channels` and reports each position's statistics.
    @inline(__always)
    private func scan<V: LaneVector>(
        _ x: BlockedMap<V>, _ n: Int, _ line: Line<V>, _ penalty: [V],
        channels: UnsafeMutableBufferPointer<RunningMaximum<V>>,
        positions: UnsafeMutableBufferPointer<RunningMaximum<V>>, sums: UnsafeMutableBufferPointer<V>,
        report: (_ position: Int, _ mean: Float, _ maximum: Float, _ channel: Int32) -> Void
    ) {
        channels.initialize(repeating: RunningMaximum())
        for start in stride(from: 0, to: x.positions, by: attentionTile) {
            let count = min(attentionTile, x.positions - start)
            positions.initialize(repeating: RunningMaximum())
            sums.initialize(repeating: .zero)
            for block in 0..<x.blocks {
                let values = UnsafePointer(x.plane(n, block)) + start * V.lanes
                let (a, b, excluded) = (line.slope[block], line.intercept[block], penalty[block])
                var ofChannel = channels[block]
                for p in 0..<count {
                    let value = values.vector(p) * a + b
                    sums[p] = sums[p] + value
                    positions[p].take(value + excluded, Int32(block))
                    ofChannel.take(value, Int32(start + p))
                }
                channels[block] = ofChannel
            }
            for p in 0..<count {
                var sum: Float = 0
                var (maximum, channel) = (-Float.infinity, Int32(0))
                for lane in 0..<V.lanes {
                    sum += sums[p][lane]
                    let (value, block) = positions[p].value(lane: lane)
                    let candidate = block * Int32(V.lanes) + Int32(lane)
                    if value > maximum || (value == maximum && candidate < channel) {
                        (maximum, channel) = (value, candidate)
                    }
                }
                report(start + p, sum / Float(x.channels), maximum, channel)
            }
        }
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
