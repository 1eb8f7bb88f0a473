import Foundation

extension RandomGenerator {
    /// Beta(α, α), for α > 0: g/(g + h) of two gamma variates.
    public mutating func symmetricBeta(_ alpha: Double) -> Double {
        precondition(alpha > 0, "a beta distribution with α = \(alpha)")
        let (g, h) = (logGamma(alpha), logGamma(alpha))
        // In logarithms, because for small α both variates may be below the smallest number.
        return 1 / (1 + exp(h - g))
    }

    /// The logarithm of a gamma variate of scale 1 (Marsaglia and Tsang, 2000).
    private mutating func logGamma(_ shape: Double) -> Double {
        if shape < 1 { return logGamma(shape + 1) + log(1 - uniform()) / shape }
        let d = shape - 1.0 / 3
        let c = 1 / (9 * d).squareRoot()
        while true {
            let x = normal()
            let root = 1 + c * x
            guard root > 0 else { continue }
            let v = root * root * root
            if log(1 - uniform()) < x * x / 2 + d - d * v + d * log(v) { return log(d * v) }
        }
    }
}
