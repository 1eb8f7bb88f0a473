import Tensors

extension AcceleratedBackend {
    public func attend(
        _ input: Tensor, channelMap: Tensor, positionMap: Tensor, fusion: AttentionFusion, shortcut: Tensor?, relu: Bool
    ) -> Tensor {
        let output = activation(input.shape)
        let pass = AttendPass(channelMap: channelMap, positionMap: positionMap, fusion: fusion, relu: relu)
        if block == 16 {
            attend(input, pass, shortcut, into: output, SIMD16<Float>.self)
        } else {
            attend(input, pass, shortcut, into: output, SIMD8<Float>.self)
        }
        return output
    }

    public func attendMapGradients(
        _ outputGradient: Tensor, output: Tensor, input: Tensor, channelMap: Tensor, positionMap: Tensor,
        fusion: AttentionFusion, relu: Bool
    ) -> (gradient: Tensor, channelMap: Tensor, positionMap: Tensor) {
        let pass = AttendPass(channelMap: channelMap, positionMap: positionMap, fusion: fusion, relu: relu)
        return block == 16
            ? mapGradients(outputGradient, output, input, pass, SIMD16<Float>.self)
            : mapGradients(outputGradient, output, input, pass, SIMD8<Float>.self)
    }

    public func attendInputGradient(
        _ gradient: Tensor, channelMap: Tensor, positionMap: Tensor, fusion: AttentionFusion,
        statistics: AttentionStatistics, channelMaximumGradient: Tensor, positionMapsGradient: Tensor
    ) -> Tensor {
        let inputGradient = activation(gradient.shape)
        let pass = AttendPass(channelMap: channelMap, positionMap: positionMap, fusion: fusion, relu: false)
        let toStatistics = StatisticsGradients(
            channelMaximum: channelMaximumGradient.pointer, positionMaps: positionMapsGradient.pointer)
        if block == 16 {
            inputGradientOf(gradient, pass, statistics, toStatistics, into: inputGradient, SIMD16<Float>.self)
        } else {
            inputGradientOf(gradient, pass, statistics, toStatistics, into: inputGradient, SIMD8<Float>.self)
        }
        return inputGradient
    }

    // MARK: Kernels

    private func attend<V: LaneVector>(
        _ input: Tensor, _ pass: AttendPass, _ shortcut: Tensor?, into output: Tensor, _: V.Type
    ) {
        let (x, y) = (BlockedMap<V>(input), BlockedMap<V>(output))
        let added = shortcut.map { BlockedMap<V>($0) }
        team.forEach(x.planes) { plane in
            let (n, block) = (plane / x.blocks, plane % x.blocks)
            let (values, destination) = (UnsafePointer(x.plane(plane)), y.plane(plane))
            let channelMap = pass.channelVector(x, n, block)
            let positionMap = pass.positionMap + n * x.positions
            for p in 0..<x.positions {
                var value = values.vector(p) * pass.factor(channelMap, positionMap[p])
                if let added { value = value + added.plane(plane).vector(p) }
                destination.store(pass.relu ? value.positivePart() : value, at: p)
            }
        }
    }

    private func mapGradients<V: LaneVector>(
        _ outputGradient: Tensor, _ output: Tensor, _ input: Tensor, _ pass: AttendPass, _: V.Type
    ) -> (gradient: Tensor, channelMap: Tensor, positionMap: Tensor) {
        let gradient = activation(input.shape)
        let channelGradient = Tensor([input.shape.batch, input.shape.channels], pool: pool)
        let positionGradient = Tensor([input.shape.batch, input.shape.positions], pool: pool)
        let (dy, y, x) = (BlockedMap<V>(outputGradient), BlockedMap<V>(output), BlockedMap<V>(input))
        let g = BlockedMap<V>(gradient)
        team.forEach(x.batch) { n in
            withUnsafeTemporaryAllocation(of: V.self, capacity: x.blocks + attentionTile) { sums in
                sums.initialize(repeating: .zero)
                let ofPositions = UnsafeMutableBufferPointer(rebasing: sums[x.blocks...])
                let positionMap = pass.positionMap + n * x.positions
                for start in stride(from: 0, to: x.positions, by: attentionTile) {
                    let tile = start..<min(start + attentionTile, x.positions)
                    ofPositions.initialize(repeating: .zero)
                    for block in 0..<x.blocks {
                        let (incoming, result) = (UnsafePointer(dy.plane(n, block)), UnsafePointer(y.plane(n, block)))
                        let (values, destination) = (UnsafePointer(x.plane(n, block)), g.plane(n, block))
                        let channelMap = pass.channelVector(x, n, block)
                        var ofChannel = V.zero
                        for p in tile {
                            var kept: V = incoming.vector(p)
                            if pass.relu { kept = kept.kept(where: result.vector(p)) }
                            destination.store(kept, at: p)
                            let product = kept * values.vector(p)
                            switch pass.fusion {
                            case .sum:
                                ofChannel = ofChannel + product
                                ofPositions[p - start] = ofPositions[p - start] + product
                            case .product:
                                ofChannel = ofChannel + product * V(repeating: positionMap[p])
                                ofPositions[p - start] = ofPositions[p - start] + product * channelMap
                            }
                        }
                        sums[block] = sums[block] + ofChannel
                    }
                    for p in tile {
                        var sum: Float = 0
                        for lane in 0..<V.lanes { sum += ofPositions[p - start][lane] }
                        positionGradient.pointer[n * x.positions + p] = sum
                    }
                }
                for c in 0..<x.channels { channelGradient.pointer[n * x.channels + c] = sums[c / V.lanes][c % V.lanes] }
            }
        }
        return (gradient, channelGradient, positionGradient)
    }

    private func inputGradientOf<V: LaneVector>(
        _ gradient: Tensor, _ pass: AttendPass, _ statistics: AttentionStatistics, _ toStatistics: StatisticsGradients,
        into inputGradient: Tensor, _: V.Type
    ) {
        let (g, d) = (BlockedMap<V>(gradient), BlockedMap<V>(inputGradient))
        let shareOfMean = d.vectors { _ in 1 / Float(d.channels) }
        team.forEach(d.batch) { n in
            let positionMap = pass.positionMap + n * d.positions
            let positionMean = toStatistics.positionMaps + 2 * n * d.positions
            let positionMaximum = positionMean + d.positions
            for block in 0..<d.blocks {
                let (incoming, destination) = (UnsafePointer(g.plane(n, block)), d.plane(n, block))
                let channelMap = pass.channelVector(d, n, block)
                let share = shareOfMean[block]
                for p in 0..<d.positions {
                    let direct = incoming.vector(p) * pass.factor(channelMap, positionMap[p])
                    destination.store(direct + share * V(repeating: positionMean[p]), at: p)
                }
            }
            func add(_ value: Float, channel: Int, position: Int) {
                d.plane(n, channel / V.lanes)[position * V.lanes + channel % V.lanes] += value
            }
            for p in 0..<d.positions {
                let channel = Int(statistics.positionArgument[n * d.positions + p])
                add(positionMaximum[p], channel: channel, position: p)
            }
            for c in 0..<d.channels {
                let index = n * d.channels + c
                add(toStatistics.channelMaximum[index], channel: c, position: Int(statistics.channelArgument[index]))
            }
        }
    }
}

/// How `attend` joins its two maps.
private struct AttendPass {
    /// (N, C)
    let channelMap: UnsafeMutablePointer<Float>
    /// (N, H·W)
    let positionMap: UnsafeMutablePointer<Float>
    let fusion: AttentionFusion
    let relu: Bool

    init(channelMap: Tensor, positionMap: Tensor, fusion: AttentionFusion, relu: Bool) {
        self.channelMap = channelMap.pointer
        self.positionMap = positionMap.pointer
        self.fusion = fusion
        self.relu = relu
    }

    /// The channel map of one plane, zero in padding lanes.
    @inline(__always)
    func channelVector<V: LaneVector>(_ map: BlockedMap<V>, _ n: Int, _ block: Int) -> V {
        var vector = V.zero
        for lane in 0..<map.realLanes(block) { vector[lane] = channelMap[n * map.channels + block * V.lanes + lane] }
        return vector
    }

    @inline(__always)
    func factor<V: LaneVector>(_ channel: V, _ position: Float) -> V {
        switch fusion {
        case .sum: channel + V(repeating: position)
        case .product: channel * V(repeating: position)
        }
    }
}

/// Gradients of the statistics that the maps were made from.
private struct StatisticsGradients {
    /// (N, C)
    let channelMaximum: UnsafeMutablePointer<Float>
    /// (N, 2, H, W): of the mean and of the maximum over channels
    let positionMaps: UnsafeMutablePointer<Float>
}
