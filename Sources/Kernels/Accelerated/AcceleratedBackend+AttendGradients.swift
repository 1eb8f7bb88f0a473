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
                    let gradient = features.plane(n, block)
                    for p in 0..<d.positions { destination.store(gradient[p], at: p) }
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
            let standardization = Standardization<V>(normalization, x)
            return PartialSums.total(x) { partial in
                team.forEach(x.batch) { n in
                    for block in 0..<x.blocks {
                        let values = UnsafePointer(x.plane(n, block))
                        let (gradient, standardized) = (features.plane(n, block), standardization[block])
                        @inline(__always) func terms(_ p: Int) -> (V, V) {
                            let value = gradient[p]
                            return (value, value * standardized(values.vector(p)))
                        }
                        var sums = PlaneSums<V>()
                        sums.accumulate(x.positions, terms)
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
            let backward = NormBackward<V>(normalization, sums, count, x)
            team.forEach(x.batch) { n in
                for block in 0..<x.blocks {
                    let (values, destination) = (UnsafePointer(x.plane(n, block)), d.plane(n, block))
                    let (gradient, inputGradient) = (features.plane(n, block), backward[block])
                    for p in 0..<x.positions { destination.store(inputGradient(gradient[p], values.vector(p)), at: p) }
                }
                features.forEachMaximum(n) { value, channel, position in
                    let (block, lane) = (channel / V.lanes, channel % V.lanes)
                    d.plane(n, block)[position * V.lanes + lane] += backward[block].slope[lane] * value
                }
            }
        }
        if block == 16 { run(SIMD16<Float>.self) } else { run(SIMD8<Float>.self) }
        return inputGradient
    }
}
