import Tensors

extension AcceleratedBackend {
    public func attendMapGradients(
        _ outputGradient: GradientSum, output: Tensor, input: FeatureMap, _ maps: AttentionMaps, relu: Bool
    ) -> (gradient: Tensor, channelMap: Tensor, positionMap: Tensor) {
        let channelGradient = Tensor(maps.channel.shape, pool: pool)
        let positionGradient = Tensor(maps.position.shape, pool: pool)
        func run<V: LaneVector>(_: V.Type) {
            let kernel = MapGradientsKernel<V>(
                outputGradient, output, input, maps, relu, channelGradient, positionGradient)
            team.forEach(input.shape.batch, kernel.run)
        }
        if block == 16 { run(SIMD16<Float>.self) } else { run(SIMD8<Float>.self) }
        return (outputGradient.first, channelGradient, positionGradient)
    }

    public func attendInputGradient(
        _ gradient: Tensor, _ maps: AttentionMaps, _ statistics: StatisticsGradient
    ) -> Tensor {
        let inputGradient = activation(gradient.shape)
        func run<V: LaneVector>(_: V.Type) {
            let d = BlockedMap<V>(inputGradient)
            let features = FeatureGradients<V>(gradient, maps, statistics)
            team.forEach(d.batch) { n in
                for block in 0..<d.blocks {
                    let destination = d.plane(n, block)
                    @inline(__always) func store(_ p: Int, _ value: V) { destination.store(value, at: p) }
                    features.forEachPosition(n, block, store)
                }
                features.forEachMaximum(n) { value, channel, position in
                    d.plane(n, channel / V.lanes)[position * V.lanes + channel % V.lanes] += value
                }
            }
        }
        if block == 16 { run(SIMD16<Float>.self) } else { run(SIMD8<Float>.self) }
        return inputGradient
    }

    public func attendNormGradientSums(
        _ gradient: Tensor, input: FeatureMap, _ maps: AttentionMaps, _ statistics: StatisticsGradient
    ) -> ChannelSums {
        let normalization = input.requiredNormalization
        func run<V: LaneVector>(_: V.Type) -> ChannelSums {
            let x = BlockedMap<V>(input.values)
            let features = FeatureGradients<V>(gradient, maps, statistics)
            let mean = x.vectors { normalization.mean[$0] }
            let inverse = x.vectors { normalization.inverseDeviation[$0] }
            return PartialSums.total(x) { partial in
                team.forEach(x.batch) { n in
                    for block in 0..<x.blocks {
                        let values = UnsafePointer(x.plane(n, block))
                        let (center, scale) = (mean[block], inverse[block])
                        var sums = PlaneSums<V>()
                        @inline(__always) func normalized(_ p: Int) -> V { (values.vector(p) - center) * scale }
                        features.accumulate(n, block, into: &sums, normalized: normalized)
                        partial.set(sums, plane: n * x.blocks + block)
                    }
                    features.forEachMaximum(n) { value, channel, position in
                        let raw = x.plane(n, channel / V.lanes)[position * V.lanes + channel % V.lanes]
                        let normalized = (raw - normalization.mean[channel]) * normalization.inverseDeviation[channel]
                        partial.add(value, value * normalized, image: n, channel: channel)
                    }
                }
            }
        }
        return block == 16 ? run(SIMD16<Float>.self) : run(SIMD8<Float>.self)
    }

    public func attendNormInputGradient(
        _ gradient: Tensor, input: FeatureMap, _ maps: AttentionMaps, _ statistics: StatisticsGradient,
        sums: ChannelSums, count: Double
    ) -> Tensor {
        let inputGradient = activation(gradient.shape)
        let normalization = input.requiredNormalization
        func run<V: LaneVector>(_: V.Type) {
            let (x, d) = (BlockedMap<V>(input.values), BlockedMap<V>(inputGradient))
            let features = FeatureGradients<V>(gradient, maps, statistics)
            let slope = Line<V>(normalization, x).slope
            let mean = x.vectors { normalization.mean[$0] }
            let inverse = x.vectors { normalization.inverseDeviation[$0] }
            let meanGradient = x.vectors { Float(sums.first[$0] / count) }
            let meanProduct = x.vectors { Float(sums.second[$0] / count) }
            team.forEach(x.batch) { n in
                for block in 0..<x.blocks {
                    let (values, destination) = (UnsafePointer(x.plane(n, block)), d.plane(n, block))
                    let (a, center, scale) = (slope[block], mean[block], inverse[block])
                    let (first, second) = (meanGradient[block], meanProduct[block])
                    @inline(__always) func store(_ p: Int, _ value: V) {
                        destination.store(a * (value - first - (values.vector(p) - center) * scale * second), at: p)
                    }
                    features.forEachPosition(n, block, store)
                }
                features.forEachMaximum(n) { value, channel, position in
                    let (block, lane) = (channel / V.lanes, channel % V.lanes)
                    d.plane(n, block)[position * V.lanes + lane] += slope[block][lane] * value
                }
            }
        }
        if block == 16 { run(SIMD16<Float>.self) } else { run(SIMD8<Float>.self) }
        return inputGradient
    }
}

/// dL/dF of the map that attention read, computed where it is used.
private struct FeatureGradients<V: LaneVector> {
    private let gradient: BlockedMap<V>
    private let factors: AttentionFactors<V>
    private let statistics: StatisticsGradient
    /// 1 / C, zero in padding lanes.
    private let shareOfMean: [V]

    init(_ gradient: Tensor, _ maps: AttentionMaps, _ statistics: StatisticsGradient) {
        let map = BlockedMap<V>(gradient)
        self.gradient = map
        factors = AttentionFactors(maps, map)
        self.statistics = statistics
        shareOfMean = map.vectors { _ in 1 / Float(map.channels) }
    }

    /// Calls `body` with every position of a plane and the gradient there, without what maxima send.
    @inline(__always)
    func forEachPosition(_ n: Int, _ block: Int, _ body: (_ position: Int, _ gradient: V) -> Void) {
        let g = UnsafePointer(gradient.plane(n, block))
        let (channel, positions) = (factors.ofChannels(n, block), factors.ofPositions(n))
        let (share, ofMean) = (shareOfMean[block], statistics.positionMaps.pointer + 2 * n * gradient.positions)
        for p in 0..<gradient.positions {
            body(p, g.vector(p) * factors.joined(channel, positions[p]) + share * V(repeating: ofMean[p]))
        }
    }

    /// Adds Σ gradient and Σ gradient · x̂ of a plane, without what maxima send.
    @inline(__always)
    func accumulate(_ n: Int, _ block: Int, into sums: inout PlaneSums<V>, normalized: (Int) -> V) {
        let g = UnsafePointer(gradient.plane(n, block))
        let (channel, positions) = (factors.ofChannels(n, block), factors.ofPositions(n))
        let (share, ofMean) = (shareOfMean[block], statistics.positionMaps.pointer + 2 * n * gradient.positions)
        @inline(__always) func terms(_ p: Int) -> (V, V) {
            let value = g.vector(p) * factors.joined(channel, positions[p]) + share * V(repeating: ofMean[p])
            return (value, value * normalized(p))
        }
        sums.accumulate(gradient.positions, terms)
    }

    /// Calls `body` with what each maximum of image `n` sends, and where to.
    @inline(__always)
    func forEachMaximum(_ n: Int, _ body: (_ gradient: Float, _ channel: Int, _ position: Int) -> Void) {
        let (channels, positions) = (gradient.channels, gradient.positions)
        let ofPositions = statistics.positionMaps.pointer + (2 * n + 1) * positions
        let ofChannels = statistics.channelMaximum.pointer + n * channels
        for p in 0..<positions {
            body(ofPositions[p], Int(statistics.statistics.positionArgument[n * positions + p]), p)
        }
        for c in 0..<channels {
            body(ofChannels[c], c, Int(statistics.statistics.channelArgument[n * channels + c]))
        }
    }
}
