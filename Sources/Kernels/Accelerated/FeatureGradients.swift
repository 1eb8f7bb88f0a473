import Tensors

/// dL/dF of the map that attention read, computed where it is used.
struct FeatureGradients<V: LaneVector> {
    private let gradient: BlockedMap<V>
    private let factors: AttentionFactors<V>
    private let statistics: StatisticsGradient
    /// Of the position maps: zeros if there is none.
    private let ofPositionMaps: Tensor
    /// 1 / C, zero in padding lanes.
    private let shareOfMean: [V]

    init(_ gradient: Tensor, _ maps: AttentionMaps, _ statistics: StatisticsGradient, _ pool: StoragePool) {
        let map = BlockedMap<V>(gradient)
        self.gradient = map
        factors = AttentionFactors(maps, map)
        self.statistics = statistics
        ofPositionMaps = statistics.positionMaps?.gradient ?? .zeros([map.batch, 2, 1, map.positions], pool: pool)
        shareOfMean = map.vectors { _ in 1 / Float(map.channels) }
    }

    /// Calls `body` with every position of a plane and the gradient there, without what maxima send.
    @inline(__always)
    func forEachPosition(_ n: Int, _ block: Int, _ body: (_ position: Int, _ gradient: V) -> Void) {
        let plane = Plane(self, n, block)
        for p in 0..<gradient.positions { body(p, plane.value(p)) }
    }

    /// Adds Σ gradient and Σ gradient · x̂ of a plane, without what maxima send.
    @inline(__always)
    func accumulate(_ n: Int, _ block: Int, into sums: inout PlaneSums<V>, normalized: (Int) -> V) {
        let plane = Plane(self, n, block)
        @inline(__always) func terms(_ p: Int) -> (V, V) {
            let value = plane.value(p)
            return (value, value * normalized(p))
        }
        sums.accumulate(gradient.positions, terms)
    }

    /// What the gradient at the positions of one plane is made of.
    private struct Plane {
        let factors: AttentionFactors<V>
        let g: UnsafePointer<Float>
        let channel: V
        let positions: UnsafePointer<Float>
        let share: V
        let ofMean: UnsafePointer<Float>
        let ofChannelMean: V

        @inline(__always)
        init(_ features: FeatureGradients, _ n: Int, _ block: Int) {
            let map = features.gradient
            factors = features.factors
            g = UnsafePointer(map.plane(n, block))
            (channel, positions) = (factors.ofChannels(n, block), factors.ofPositions(n))
            let scale = features.statistics.positionMaps?.statistics.channelMap
            share =
                features.shareOfMean[block] * (scale.map { map.vector(of: $0.pointer, n, block) } ?? V(repeating: 1))
            ofMean = UnsafePointer(features.ofPositionMaps.pointer + 2 * n * map.positions)
            let perPosition = V(repeating: 1 / Float(map.positions))
            ofChannelMean =
                features.statistics.channelMean.map { map.vector(of: $0.pointer, n, block) * perPosition } ?? .zero
        }

        @inline(__always)
        func value(_ p: Int) -> V {
            g.vector(p) * factors.joined(channel, positions[p]) + (share * V(repeating: ofMean[p]) + ofChannelMean)
        }
    }

    /// Calls `body` with what each maximum of image `n` sends, and where to.
    @inline(__always)
    func forEachMaximum(_ n: Int, _ body: (_ gradient: Float, _ channel: Int, _ position: Int) -> Void) {
        let (channels, positions) = (gradient.channels, gradient.positions)
        if let (gradient, statistics) = statistics.positionMaps {
            let sent = gradient.pointer + (2 * n + 1) * positions
            for p in 0..<positions {
                let channel = Int(statistics.positionArgument[n * positions + p])
                let scale = statistics.channelMap?.pointer[n * channels + channel] ?? 1
                body(sent[p] * scale, channel, p)
            }
        }
        if let (gradient, statistics) = statistics.channelMaximum {
            for c in 0..<channels {
                body(gradient.pointer[n * channels + c], c, Int(statistics.channelArgument[n * channels + c]))
            }
        }
    }
}
