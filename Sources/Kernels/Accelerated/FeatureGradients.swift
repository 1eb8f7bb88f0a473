import Tensors

/// dL/dF of the map that attention read, computed where it is used.
struct FeatureGradients<V: LaneVector> {
    private let gradient: BlockedMap<V>
    private let factors: AttentionFactors<V>
    /// Of the position maps; zeros if there are none.
    private let ofPositionMaps: Tensor
    private let ofChannelMaximum: StatisticsGradient.Part?
    private let positionArgument: [Int32]?
    /// Mc, where the position maps are of F·Mc. Pointers, because looking into optional tensors for every plane or
    /// position counts references.
    private let scale: UnsafePointer<Float>?
    private let ofChannelMean: UnsafePointer<Float>?
    /// What they point into.
    private let statistics: StatisticsGradient
    /// 1 / C, zero in padding lanes.
    private let shareOfMean: [V]

    init(_ gradient: Tensor, _ maps: AttentionMaps, _ statistics: StatisticsGradient, _ pool: StoragePool) {
        let map = BlockedMap<V>(gradient)
        self.gradient = map
        factors = AttentionFactors(maps, map)
        self.statistics = statistics
        let positionMaps = statistics.positionMaps
        ofPositionMaps = positionMaps?.gradient ?? .zeros([map.batch, 2, 1, map.positions], pool: pool)
        positionArgument = positionMaps?.statistics.positionArgument
        scale = positionMaps?.statistics.channelMap.map { UnsafePointer($0.pointer) }
        ofChannelMean = statistics.channelMean.map { UnsafePointer($0.pointer) }
        ofChannelMaximum = statistics.channelMaximum
        shareOfMean = map.vectors { _ in 1 / Float(map.channels) }
    }

    /// The gradient at each position of a plane, without what maxima send.
    @inline(__always)
    func plane(_ n: Int, _ block: Int) -> Plane {
        var (share, mean) = (shareOfMean[block], V.zero)
        if let scale { share = share * gradient.vector(of: scale, n, block) }
        if let ofChannelMean {
            mean = gradient.vector(of: ofChannelMean, n, block) * V(repeating: 1 / Float(gradient.positions))
        }
        return Plane(
            g: UnsafePointer(gradient.plane(n, block)), fusion: factors.fusion, channel: factors.ofChannels(n, block),
            positions: factors.ofPositions(n), share: share,
            ofMean: ofPositionMaps.pointer + 2 * n * gradient.positions, ofChannelMean: mean)
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
        if let positionArgument {
            let sent = ofPositionMaps.pointer + (2 * n + 1) * positions
            for p in 0..<positions {
                let channel = Int(positionArgument[n * positions + p])
                body(scale.map { sent[p] * $0[n * channels + channel] } ?? sent[p], channel, p)
            }
        }
        if let (gradient, statistics) = ofChannelMaximum {
            let sent = gradient.pointer + n * channels
            for c in 0..<channels { body(sent[c], c, Int(statistics.channelArgument[n * channels + c])) }
        }
    }
}
