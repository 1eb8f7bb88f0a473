import Tensors

extension AcceleratedBackend {
    public func attend(
        _ input: FeatureMap, _ maps: AttentionMaps, shortcut: FeatureMap?, relu: Bool, inPlace: Bool
    ) -> Tensor {
        let output = inPlace ? input.values : activation(input.shape)
        if block == 16 {
            attend(input, maps, shortcut, relu, into: output, SIMD16<Float>.self)
        } else {
            attend(input, maps, shortcut, relu, into: output, SIMD8<Float>.self)
        }
        return output
    }

    private func attend<V: LaneVector>(
        _ input: FeatureMap, _ maps: AttentionMaps, _ shortcut: FeatureMap?, _ relu: Bool, into output: Tensor,
        _: V.Type
    ) {
        let (x, y) = (BlockedMap<V>(input.values), BlockedMap<V>(output))
        let factors = AttentionFactors<V>(maps, x)
        let line = Line<V>(input, x)
        let added = shortcut.map { (map: BlockedMap<V>($0.values), line: Line<V>($0, x)) }
        team.forEach(x.planes) { plane in
            let (n, block) = (plane / x.blocks, plane % x.blocks)
            let (values, destination) = (UnsafePointer(x.plane(plane)), y.plane(plane))
            let (channel, positions) = (factors.ofChannels(n, block), factors.ofPositions(n))
            let (a, b) = (line.slope[block], line.intercept[block])
            if let added {
                let residual = UnsafePointer(added.map.plane(plane))
                let (slope, intercept) = (added.line.slope[block], added.line.intercept[block])
                for p in 0..<x.positions {
                    let attended = (values.vector(p) * a + b) * factors.fusion.joined(channel, positions[p])
                    let value = attended + (residual.vector(p) * slope + intercept)
                    destination.store(relu ? value.positivePart() : value, at: p)
                }
            } else {
                for p in 0..<x.positions {
                    let value = (values.vector(p) * a + b) * factors.fusion.joined(channel, positions[p])
                    destination.store(relu ? value.positivePart() : value, at: p)
                }
            }
        }
    }
}

/// What `attend` multiplies by.
struct AttentionFactors<V: LaneVector> {
    private let maps: AttentionMaps
    private let map: BlockedMap<V>

    init(_ maps: AttentionMaps, _ map: BlockedMap<V>) {
        self.maps = maps
        self.map = map
    }

    var fusion: AttentionFusion { maps.fusion }

    /// The channel map of one plane, zero in padding lanes.
    @inline(__always)
    func ofChannels(_ n: Int, _ block: Int) -> V { map.vector(of: maps.channel.pointer, n, block) }

    @inline(__always)
    func ofPositions(_ n: Int) -> UnsafePointer<Float> { UnsafePointer(maps.position.pointer + n * map.positions) }
}

extension AttentionFusion {
    /// What a feature is multiplied by.
    @inline(__always)
    func joined<V: LaneVector>(_ channel: V, _ position: Float) -> V {
        switch self {
        case .sum: channel + V(repeating: position)
        case .product: channel * V(repeating: position)
        }
    }
}
