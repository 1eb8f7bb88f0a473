import Tensors

/// Positions that are worked on at a time, for all channels: as many as the second-level cache has room for the sums of,
/// so that the five maps are read in long runs (measured: twice as fast as short runs with prefetching).
private let mapGradientTile = 4096

/// The first backward pass of `attend`, image by image: masks the gradient in place, and sums its products with the
/// features over positions and over channels.
struct MapGradientsKernel<V: LaneVector> {
    private let gradient: BlockedMap<V>
    private let second: BlockedMap<V>?
    private let output: BlockedMap<V>
    private let values: BlockedMap<V>
    private let line: Line<V>
    private let factors: AttentionFactors<V>
    private let relu: Bool
    private let channelGradient: UnsafeMutablePointer<Float>
    private let positionGradient: UnsafeMutablePointer<Float>

    init(
        _ outputGradient: GradientSum, _ output: Tensor, _ input: FeatureMap, _ maps: AttentionMaps, _ relu: Bool,
        _ channelGradient: Tensor, _ positionGradient: Tensor
    ) {
        gradient = BlockedMap(outputGradient.first)
        second = outputGradient.second.map { BlockedMap($0) }
        self.output = BlockedMap(output)
        values = BlockedMap(input.values)
        line = Line(input, values)
        factors = AttentionFactors(maps, values)
        self.relu = relu
        self.channelGradient = channelGradient.pointer
        self.positionGradient = positionGradient.pointer
    }

    /// Image `n`.
    func run(_ n: Int) {
        let size = min(mapGradientTile, values.positions)
        withUnsafeTemporaryAllocation(of: V.self, capacity: values.blocks + size) { sums in
            sums.initialize(repeating: .zero)
            let ofPositions = UnsafeMutableBufferPointer(rebasing: sums[values.blocks...])
            for start in stride(from: 0, to: values.positions, by: size) {
                let tile = start..<min(start + size, values.positions)
                ofPositions.initialize(repeating: .zero)
                for block in 0..<values.blocks {
                    sums[block] = sums[block] + self.sum(n, block, tile, ofPositions)
                }
                for p in tile {
                    positionGradient[n * values.positions + p] = ofPositions[p - start].laneSum()
                }
            }
            for c in 0..<values.channels {
                channelGradient[n * values.channels + c] = sums[c / V.lanes][c % V.lanes]
            }
        }
    }

    /// One block of channels of a tile: the sum over positions; those over channels go to `ofPositions`.
    @inline(__always)
    private func sum(_ n: Int, _ block: Int, _ tile: Range<Int>, _ ofPositions: UnsafeMutableBufferPointer<V>) -> V {
        let g = gradient.plane(n, block)
        guard let second else {
            @inline(__always) func incoming(_ p: Int) -> V { g.vector(p) }
            return sum(n, block, tile, ofPositions, incoming: incoming)
        }
        let other = UnsafePointer(second.plane(n, block))
        @inline(__always) func incoming(_ p: Int) -> V { g.vector(p) + other.vector(p) }
        return sum(n, block, tile, ofPositions, incoming: incoming)
    }

    @inline(__always)
    private func sum(
        _ n: Int, _ block: Int, _ tile: Range<Int>, _ ofPositions: UnsafeMutableBufferPointer<V>,
        incoming: (Int) -> V
    ) -> V {
        let (g, y) = (gradient.plane(n, block), UnsafePointer(output.plane(n, block)))
        let x = UnsafePointer(values.plane(n, block))
        let (a, b) = (line.slope[block], line.intercept[block])
        let (channel, positions) = (factors.ofChannels(n, block), factors.ofPositions(n))
        var ofChannel = V.zero
        for p in tile {
            var kept = incoming(p)
            if relu { kept = kept.kept(where: y.vector(p)) }
            g.store(kept, at: p)
            let product = kept * (x.vector(p) * a + b)
            switch factors.fusion {
            case .sum:
                ofChannel = ofChannel + product
                ofPositions[p - tile.lowerBound] = ofPositions[p - tile.lowerBound] + product
            case .product:
                ofChannel = ofChannel + product * V(repeating: positions[p])
                ofPositions[p - tile.lowerBound] = ofPositions[p - tile.lowerBound] + product * channel
            }
        }
        return ofChannel
    }
}
