import Collectives

/// Seconds that `body` took.
func seconds(_ body: () throws -> Void) rethrows -> Double {
    let start = ContinuousClock.now
    try body()
    return (ContinuousClock.now - start) / .seconds(1)
}

extension Communicator {
    /// Seconds from the moment all ranks start to the moment the last one is done.
    func slowest(_ body: () throws -> Void) throws -> Double {
        try barrier()
        return try allreduce(try seconds(body), .max)
    }
}

/// The middle of the values, or the mean of the two in the middle.
func median(_ values: [Double]) -> Double {
    precondition(!values.isEmpty, "a median of nothing")
    let sorted = values.sorted()
    let middle = sorted.count / 2
    return sorted.count % 2 == 1 ? sorted[middle] : (sorted[middle - 1] + sorted[middle]) / 2
}
