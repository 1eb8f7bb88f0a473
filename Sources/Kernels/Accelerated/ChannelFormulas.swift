import Tensors

/// y = slope · x + intercept, per channel; zero in padding lanes.
struct Line<V: LaneVector> {
    let slope: [V]
    let intercept: [V]

    private init(slope: [V], intercept: [V]) {
        self.slope = slope
        self.intercept = intercept
    }

    init(_ normalization: Normalization, _ map: BlockedMap<V>) {
        let (slopes, intercepts) = normalization.line
        slope = map.vectors { slopes[$0] }
        intercept = map.vectors { intercepts[$0] }
    }

    /// From the values of a feature map to the map, which is the identity if nothing normalises it.
    init(_ features: FeatureMap, _ map: BlockedMap<V>) {
        guard let normalization = features.normalization else {
            self.init(slope: map.vectors { _ in 1 }, intercept: map.vectors { _ in 0 })
            return
        }
        self.init(normalization, map)
    }
}

/// x̂ = (x - mean)·inverseDeviation, per channel.
struct Standardization<V: LaneVector> {
    private let mean: [V]
    private let inverse: [V]

    init(_ normalization: Normalization, _ map: BlockedMap<V>) {
        mean = map.vectors { normalization.mean[$0] }
        inverse = map.vectors { normalization.inverseDeviation[$0] }
    }

    subscript(block: Int) -> OfBlock { OfBlock(center: mean[block], scale: inverse[block]) }

    struct OfBlock {
        fileprivate let center: V
        fileprivate let scale: V

        @inline(__always) func callAsFunction(_ x: V) -> V { (x - center) * scale }
    }
}

/// dL/dx = a·(g - Σg/m - x̂·Σgx̂/m) of batch norm, per channel.
struct NormBackward<V: LaneVector> {
    private let slope: [V]
    private let standardization: Standardization<V>
    private let meanGradient: [V]
    private let meanProduct: [V]

    init(_ normalization: Normalization, _ sums: ChannelSums, _ count: Double, _ map: BlockedMap<V>) {
        slope = Line<V>(normalization, map).slope
        standardization = Standardization(normalization, map)
        meanGradient = map.vectors { Float(sums.first[$0] / count) }
        meanProduct = map.vectors { Float(sums.second[$0] / count) }
    }

    subscript(block: Int) -> OfBlock {
        OfBlock(
            slope: slope[block], standardized: standardization[block], meanGradient: meanGradient[block],
            meanProduct: meanProduct[block])
    }

    struct OfBlock {
        /// What a gradient at a position is multiplied by.
        let slope: V
        fileprivate let standardized: Standardization<V>.OfBlock
        fileprivate let meanGradient: V
        fileprivate let meanProduct: V

        @inline(__always) func callAsFunction(_ g: V, _ x: V) -> V {
            slope * (g - meanGradient - standardized(x) * meanProduct)
        }
    }
}
