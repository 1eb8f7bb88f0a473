import Tensors

/// Two sums a lane over a plane: single precision within a few hundred positions, double precision across.
struct PlaneSums<V: LaneVector> {
    var first = SIMD16<Double>()
    var second = SIMD16<Double>()

    /// Adds both terms of every position. `terms` should be a local function that is always inlined: closures are not,
    /// and then cost more than the sums.
    @inline(__always)
    mutating func accumulate(_ positions: Int, _ terms: (Int) -> (V, V)) {
        var start = 0
        while start < positions {
            let end = min(start + 256, positions)
            var (a, b) = (V.zero, V.zero)
            for position in start..<end {
                let (first, second) = terms(position)
                a = a + first
                b = b + second
            }
            first += a.widened
            second += b.widened
            start = end
        }
    }
}

/// Two sums for each channel of each image, to be added in the order of the images, so that the number of threads
/// changes nothing. Threads write to different planes.
struct PartialSums<V: LaneVector>: @unchecked Sendable {
    /// Of each plane the first and the second sums.
    private let values: UnsafeMutableBufferPointer<SIMD16<Double>>
    private let map: BlockedMap<V>

    /// Calls `body` to fill the sums of every plane of `map`, and adds them.
    static func total(_ map: BlockedMap<V>, _ body: (PartialSums) -> Void) -> ChannelSums {
        withUnsafeTemporaryAllocation(of: SIMD16<Double>.self, capacity: 2 * map.planes) { values in
            body(PartialSums(values: values, map: map))
            var (first, second) = ([Double](), [Double]())
            for block in 0..<map.blocks {
                var (a, b) = (SIMD16<Double>.zero, SIMD16<Double>.zero)
                for n in 0..<map.batch {
                    a += values[2 * (n * map.blocks + block)]
                    b += values[2 * (n * map.blocks + block) + 1]
                }
                for lane in 0..<map.realLanes(block) {
                    first.append(a[lane])
                    second.append(b[lane])
                }
            }
            return ChannelSums(first: first, second: second)
        }
    }

    /// Sets the sums of one plane.
    @inline(__always)
    func set(_ sums: PlaneSums<V>, plane: Int) {
        values[2 * plane] = sums.first
        values[2 * plane + 1] = sums.second
    }

    /// Adds to sums that are set.
    @inline(__always)
    func add(_ first: Float, _ second: Float, image n: Int, channel: Int) {
        let (plane, lane) = (n * map.blocks + channel / V.lanes, channel % V.lanes)
        values[2 * plane][lane] += Double(first)
        values[2 * plane + 1][lane] += Double(second)
    }
}
