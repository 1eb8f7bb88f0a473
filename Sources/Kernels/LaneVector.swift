import CIntrinsics

/// The channels of one position of a blocked activation, as one SIMD value.
///
/// Kernels are generic over it. Its requirements are met by the concrete vectors' own operations, because the standard
/// library's operations on a generic `SIMD` go lane by lane (measured: 20 times slower).
protocol LaneVector: BitwiseCopyable {
    /// One channel index a lane.
    associatedtype Indices: BitwiseCopyable

    static var lanes: Int { get }

    /// Σ of the lanes.
    func laneSum() -> Float
    /// The largest lane; NaN lanes do not count.
    func laneMaximum() -> Float
    /// Takes `candidate` in the lanes where it is greater.
    func maximum(_ candidate: Self) -> Self

    init(repeating value: Float)
    static func + (a: Self, b: Self) -> Self
    static func - (a: Self, b: Self) -> Self
    static func * (a: Self, b: Self) -> Self
    subscript(lane: Int) -> Float { get set }

    /// max(self, 0)
    func positivePart() -> Self
    /// self where `condition` > 0, else 0
    func kept(where condition: Self) -> Self
    /// Takes `candidate`, and `index` with it, in the lanes where it is greater.
    mutating func keepMaximum(_ candidate: Self, _ index: Int32, _ indices: inout Indices)

    /// Puts `index` into the lanes where this equals `other`.
    func mark(where other: Self, _ index: Int32, _ indices: inout Indices)

    static func indices(repeating value: Int32) -> Indices
    static func index(_ indices: Indices, lane: Int) -> Int32
}

extension SIMD16: LaneVector where Scalar == Float {
    typealias Indices = SIMD16<Int32>

    static var lanes: Int { 16 }

    @inline(__always) func laneSum() -> Float { (lowHalf + highHalf).laneSum() }
    @inline(__always) func laneMaximum() -> Float { lowHalf.maximum(highHalf).laneMaximum() }
    @inline(__always) func maximum(_ candidate: Self) -> Self { replacing(with: candidate, where: candidate .> self) }

    @inline(__always) func positivePart() -> Self { replacing(with: 0, where: self .< 0) }

    @inline(__always) func kept(where condition: Self) -> Self { Self().replacing(with: self, where: condition .> 0) }

    @inline(__always) mutating func keepMaximum(_ candidate: Self, _ index: Int32, _ indices: inout Indices) {
        let greater = candidate .> self
        replace(with: candidate, where: greater)
        indices.replace(with: Indices(repeating: index), where: greater)
    }

    @inline(__always) func mark(where other: Self, _ index: Int32, _ indices: inout Indices) {
        indices.replace(with: Indices(repeating: index), where: self .== other)
    }

    @inline(__always) static func indices(repeating value: Int32) -> Indices { Indices(repeating: value) }
    @inline(__always) static func index(_ indices: Indices, lane: Int) -> Int32 { indices[lane] }
}

extension SIMD8: LaneVector where Scalar == Float {
    typealias Indices = SIMD8<Int32>

    static var lanes: Int { 8 }

    @inline(__always) func laneSum() -> Float {
        let quarters = lowHalf + highHalf
        return (quarters[0] + quarters[1]) + (quarters[2] + quarters[3])
    }
    @inline(__always) func laneMaximum() -> Float {
        let quarters = lowHalf.replacing(with: highHalf, where: highHalf .> lowHalf)
        var largest = -Float.infinity
        for lane in 0..<4 where quarters[lane] > largest { largest = quarters[lane] }
        return largest
    }
    @inline(__always) func maximum(_ candidate: Self) -> Self { replacing(with: candidate, where: candidate .> self) }

    @inline(__always) func positivePart() -> Self { replacing(with: 0, where: self .< 0) }

    @inline(__always) func kept(where condition: Self) -> Self { Self().replacing(with: self, where: condition .> 0) }

    @inline(__always) mutating func keepMaximum(_ candidate: Self, _ index: Int32, _ indices: inout Indices) {
        let greater = candidate .> self
        replace(with: candidate, where: greater)
        indices.replace(with: Indices(repeating: index), where: greater)
    }

    @inline(__always) func mark(where other: Self, _ index: Int32, _ indices: inout Indices) {
        indices.replace(with: Indices(repeating: index), where: self .== other)
    }

    @inline(__always) static func indices(repeating value: Int32) -> Indices { Indices(repeating: value) }
    @inline(__always) static func index(_ indices: Indices, lane: Int) -> Int32 { indices[lane] }
}

extension LaneVector {
    @inline(__always) static var zero: Self { Self(repeating: 0) }
}

extension UnsafePointer<Float> {
    /// Brings the vector of position `index` near, to be read soon. The address need not exist.
    @inline(__always) func prefetch<V: LaneVector>(_ index: Int, as type: V.Type) {
        CIntrinsics_prefetch(UnsafeRawPointer(self + index * V.lanes))
    }

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
