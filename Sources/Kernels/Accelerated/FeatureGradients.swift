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

    /// The gradient at each position of a plane, without what maxima send.
    @inline(__always)
    func plane(_ n: Int, _ block: Int) -> Plane {
        let scale = statistics.positionMaps?.statistics.channelMap
        let share = shareOfMean[block]
        let perPosition = V(repeating: 1 / Float(gradient.positions))
        return Plane(
            g: UnsafePointer(gradient.plane(n, block)), fusion: factors.fusion, channel: factors.ofChannels(n, block),
            positions: factors.ofPositions(n),
            share: scale.map { share * gradient.vector(of: $0.pointer, n, block) } ?? share,
            ofMean: ofPositionMaps.pointer + 2 * n * gradient.positions,
            ofChannelMean: statistics.channelMean.map { gradient.vector(of: $0.pointer, n, block) * perPosition }
                ?? .zero)
    }

    struct Plane {
        fileprivate let g: UnsafePointer<Float>
        fileprivate let fusion: AttentionFusion
        fileprivate let channel: V
        fileprivate let positions: UnsafePointer<Float>
        fileprivate let share: V
        fileprivate let ofMean: UnsafePointer<Float>
        fileprivate let ofChannelMean: V

        @inline(__always) subscript(p: Int) -> V {
            g.vector(p) * fusion.joined(channel, positions[p]) + (share * V(repeating: ofMean[p]) + ofChannelMean)
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
