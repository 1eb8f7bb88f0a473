import Tensors

/// PyTorch's SGD (torch.optim.SGD without dampening): g' = gradientScale·g + weightDecay·p; m = momentum·m + g';
/// p = p - learningRate·m, or p - learningRate·(g' + momentum·m) with Nesterov's rule.
public struct MomentumUpdate: Sendable {
    /// Above 0.
    public let learningRate: Float
    /// From 0 to below 1.
    public let momentum: Float
    /// L2 penalty; 0 for none.
    public let weightDecay: Float
    /// Whether by Nesterov's rule.
    public let nesterov: Bool
    /// 1, or less to clip the gradients.
    public let gradientScale: Float

    /// A step with these values.
    public init(
        learningRate: Float, momentum: Float, weightDecay: Float, nesterov: Bool, gradientScale: Float = 1
    ) {
        self.learningRate = learningRate
        self.momentum = momentum
        self.weightDecay = weightDecay
        self.nesterov = nesterov
        self.gradientScale = gradientScale
    }

    /// One pass over memory. The three tensors have the same count and layout; m is zero before the first step, which
    /// gives PyTorch's first step.
    /// - Parameters:
    ///   - values: p.
    ///   - gradients: g.
    ///   - momenta: m.
    ///   - range: the stored Floats to update; all if it is nil.
    public func apply(to values: Tensor, gradients: Tensor, momenta: Tensor, in range: Range<Int>? = nil) {
        let all = values.storageCount
        precondition(gradients.storageCount == all && momenta.storageCount == all, "an update of unlike tensors")
        let range = range ?? 0..<all
        precondition(range.lowerBound >= 0 && range.upperBound <= all, "an update of \(range) in a tensor of \(all)")
        let (start, count) = (range.lowerBound, range.count)
        let p = values.pointer + start
        let g = UnsafePointer(gradients.pointer) + start
        let m = momenta.pointer + start
        let vectors = count / SIMD16<Float>.lanes
        for index in 0..<vectors {
            let (value, state) = update(p.vector(index, as: SIMD16<Float>.self), g.vector(index), m.vector(index))
            p.store(value, at: index)
            m.store(state, at: index)
        }
        for index in vectors * SIMD16<Float>.lanes..<count {
            let (value, state) = update(
                SIMD16(repeating: p[index]), SIMD16(repeating: g[index]), SIMD16(repeating: m[index]))
            (p[index], m[index]) = (value[0], state[0])
        }
    }

    @inline(__always)
    private func update(
        _ value: SIMD16<Float>, _ gradient: SIMD16<Float>, _ state: SIMD16<Float>
    ) -> (SIMD16<Float>, SIMD16<Float>) {
        let decayed = gradient * gradientScale + value * weightDecay
        let moved = state * momentum + decayed
        let direction = nesterov ? decayed + moved * momentum : moved
        return (value - direction * learningRate, moved)
    }
}
