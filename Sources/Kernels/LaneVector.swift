/// The channels of one position of a blocked activation, as one SIMD value.
///
/// Kernels are generic over it. Its requirements are met by the concrete vectors' own operations, because the standard
/// library's operations on a generic `SIMD` go lane by lane (measured: 20 times slower).
protocol LaneVector: BitwiseCopyable {
    static var lanes: Int { get }

    /// Σ of the lanes.
    func laneSum() -> Float
    /// The lanes in double precision, and zeros.
    var widened: SIMD16<Double> { get }

    init(repeating value: Float)
    static func + (a: Self, b: Self) -> Self
    static func - (a: Self, b: Self) -> Self
    static func * (a: Self, b: Self) -> Self
    subscript(lane: Int) -> Float { get set }

    /// max(self, 0)
    func positivePart() -> Self
    /// self where `condition` > 0, else 0
    func kept(where condition: Self) -> Self
}

extension SIMD16: LaneVector where Scalar == Float {
    static var lanes: Int { 16 }

    @inline(__always) func laneSum() -> Float { (lowHalf + highHalf).laneSum() }

    @inline(__always) var widened: SIMD16<Double> { SIMD16<Double>(self) }

    @inline(__always) func positivePart() -> Self { replacing(with: 0, where: self .< 0) }

    @inline(__always) func kept(where condition: Self) -> Self { Self().replacing(with: self, where: condition .> 0) }
}

extension SIMD8: LaneVector where Scalar == Float {
    static var lanes: Int { 8 }

    @inline(__always) func laneSum() -> Float {
        let quarters = lowHalf + highHalf
        return (quarters[0] + quarters[1]) + (quarters[2] + quarters[3])
    }

    @inline(__always) var widened: SIMD16<Double> { SIMD16(lowHalf: SIMD8<Double>(self), highHalf: .zero) }

    @inline(__always) func positivePart() -> Self { replacing(with: 0, where: self .< 0) }

    @inline(__always) func kept(where condition: Self) -> Self { Self().replacing(with: self, where: condition .> 0) }
}

extension LaneVector {
    @inline(__always) static var zero: Self { Self(repeating: 0) }
}

extension UnsafePointer<Float> {
    /// The vector of position `index`.
    @inline(__always) func vector<V: LaneVector>(_ index: Int, as type: V.Type = V.self) -> V {
        UnsafeRawPointer(self + index * V.lanes).loadUnaligned(as: V.self)
    }
}

extension UnsafeMutablePointer<Float> {
    @inline(__always) func vector<V: LaneVector>(_ index: Int, as type: V.Type = V.self) -> V {
        UnsafePointer(self).vector(index)
    }

    @inline(__always) func store<V: LaneVector>(_ vector: V, at index: Int) {
        UnsafeMutableRawPointer(self + index * V.lanes).storeBytes(of: vector, as: V.self)
    }
}
