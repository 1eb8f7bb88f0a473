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
            let features = FeatureGradients<V>(gradient, maps, statistics, pool)
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
            let features = FeatureGradients<V>(gradient, maps, statistics, pool)
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
            let features = FeatureGradients<V>(gradient, maps, statistics, pool)
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
