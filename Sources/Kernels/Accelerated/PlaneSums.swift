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
    /// Of each plane 16 first and 16 second sums.
    private let values: UnsafeMutableBufferPointer<Double>
    private let map: BlockedMap<V>

    /// Calls `body` to fill the sums of every plane of `map`, and adds them.
    static func total(_ map: BlockedMap<V>, _ body: (PartialSums) -> Void) -> ChannelSums {
        withUnsafeTemporaryAllocation(of: Double.self, capacity: 32 * map.planes) { values in
            let partial = PartialSums(values: values, map: map)
            body(partial)
            var (first, second) = ([Double](), [Double]())
            for block in 0..<map.blocks {
                var (a, b) = (SIMD16<Double>.zero, SIMD16<Double>.zero)
                for n in 0..<map.batch {
                    a += partial.vector(2 * (n * map.blocks + block))
                    b += partial.vector(2 * (n * map.blocks + block) + 1)
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
        let bytes = UnsafeMutableRawBufferPointer(values)
        bytes.storeBytes(of: sums.first, toByteOffset: 256 * plane, as: SIMD16<Double>.self)
        bytes.storeBytes(of: sums.second, toByteOffset: 256 * plane + 128, as: SIMD16<Double>.self)
    }

    /// Adds to sums that are set.
    @inline(__always)
    func add(_ first: Float, _ second: Float, image n: Int, channel: Int) {
        let index = 32 * (n * map.blocks + channel / V.lanes) + channel % V.lanes
        values[index] += Double(first)
        values[index + 16] += Double(second)
    }

    private func vector(_ index: Int) -> SIMD16<Double> {
        UnsafeRawBufferPointer(values).loadUnaligned(fromByteOffset: 128 * index, as: SIMD16<Double>.self)
    }
}
