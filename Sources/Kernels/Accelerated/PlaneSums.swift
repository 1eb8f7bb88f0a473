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
            for lane in 0..<V.lanes {
                first[lane] += Double(a[lane])
                second[lane] += Double(b[lane])
            }
            start = end
        }
    }
}

/// Two sums for each channel of each image, to be added in the order of the images, so that the number of threads
/// changes nothing. Threads write to different planes.
struct PartialSums<V: LaneVector>: @unchecked Sendable {
    private let values: UnsafeMutableBufferPointer<Double>
    private let map: BlockedMap<V>

    /// Calls `body` to fill the sums of every plane of `map`, and adds them.
    static func total(_ map: BlockedMap<V>, _ body: (PartialSums) -> Void) -> ChannelSums {
        withUnsafeTemporaryAllocation(of: Double.self, capacity: 2 * map.planes * V.lanes) { values in
            let partial = PartialSums(values: values, map: map)
            body(partial)
            var total = ChannelSums(
                first: [Double](repeating: 0, count: map.channels), second: [Double](repeating: 0, count: map.channels))
            for n in 0..<map.batch {
                for c in 0..<map.channels {
                    let index = partial.index(n, c)
                    total.first[c] += values[index]
                    total.second[c] += values[index + 1]
                }
            }
            return total
        }
    }

    /// Sets the sums of one plane.
    @inline(__always)
    func set(_ sums: PlaneSums<V>, plane: Int) {
        for lane in 0..<V.lanes {
            values[2 * (plane * V.lanes + lane)] = sums.first[lane]
            values[2 * (plane * V.lanes + lane) + 1] = sums.second[lane]
        }
    }

    /// Adds to sums that are set.
    @inline(__always)
    func add(_ first: Float, _ second: Float, image n: Int, channel: Int) {
        let index = index(n, channel)
        values[index] += Double(first)
        values[index + 1] += Double(second)
    }

    @inline(__always)
    private func index(_ n: Int, _ channel: Int) -> Int { 2 * (n * map.blocks * V.lanes + channel) }
}
