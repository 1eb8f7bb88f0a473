/// xoshiro256** 1.0 (Blackman and Vigna, 2018), seeded through SplitMix64 as its authors advise.
///
/// The sequence is part of the product's promise: the same seed gives the same training run on every machine and
/// in every version. The state can be saved and restored.
public struct RandomGenerator: RandomNumberGenerator, Hashable, Codable, Sendable {
    private var s0, s1, s2, s3: UInt64

    /// A generator for the given key, for example (seed, epoch, index): different keys give unrelated sequences.
    public init(_ key: UInt64...) {
        self.init(key: key)
    }

    /// The same for a key of any length.
    public init(key: [UInt64]) {
        var mixed: UInt64 = 0x243F_6A88_85A3_08D3
        for word in key {
            var source = SplitMix64(state: mixed ^ word)
            mixed = source.next()
        }
        var source = SplitMix64(state: mixed)
        (s0, s1, s2, s3) = (source.next(), source.next(), source.next(), source.next())
    }

    public mutating func next() -> UInt64 {
        func rotateLeft(_ x: UInt64, _ k: UInt64) -> UInt64 { (x << k) | (x >> (64 - k)) }
        let result = rotateLeft(s1 &* 5, 7) &* 9
        let t = s1 << 17
        s2 ^= s0
        s3 ^= s1
        s1 ^= s2
        s0 ^= s3
        s2 ^= t
        s3 = rotateLeft(s3, 45)
        return result
    }

    /// Uniform in [0, 1), a multiple of 2^-53.
    public mutating func uniform() -> Double {
        Double(next() >> 11) * 0x1p-53
    }

    /// Uniform in [low, high).
    public mutating func uniform(_ low: Double, _ high: Double) -> Double {
        low + (high - low) * uniform()
    }

    /// Uniform integer in 0 ..< bound, without bias (Lemire, 2019).
    public mutating func index(below bound: Int) -> Int {
        precondition(bound > 0, "an index needs a positive bound, not \(bound)")
        let range = UInt64(bound)
        var product = next().multipliedFullWidth(by: range)
        if product.low < range {
            let threshold = (0 &- range) % range
            while product.low < threshold { product = next().multipliedFullWidth(by: range) }
        }
        return Int(product.high)
    }

    /// A permutation of 0 ..< count (Fisher and Yates).
    public mutating func permutation(_ count: Int) -> [Int] {
        var order = Array(0..<count)
        for last in stride(from: count - 1, to: 0, by: -1) {
            order.swapAt(last, index(below: last + 1))
        }
        return order
    }
}

/// Steele, Lea and Flood's generator (2014), here only to spread a seed over the state of another.
private struct SplitMix64 {
    var state: UInt64

    mutating func next() -> UInt64 {
        state &+= 0x9E37_79B9_7F4A_7C15
        var z = state
        z = (z ^ (z >> 30)) &* 0xBF58_476D_1CE4_E5B9
        z = (z ^ (z >> 27)) &* 0x94D0_49BB_1331_11EB
        return z ^ (z >> 31)
    }
}
