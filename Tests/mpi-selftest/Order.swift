import Collectives
import Foundation
import MPICollectives
import Tensors

/// Sums floats whose sum depends on the order, several times. All ranks must get the same bits each time; through
/// shared memory, those of the sum in rank order. Prints a checksum for comparison between runs.
func checkOrder(of communicator: any Communicator, count: Int) throws {
    let shared = (communicator as? MPICommunicator)?.usesSharedMemory ?? true
    let contributions = (0..<communicator.size).map { randomFloats(seed: UInt64($0), count: count) }
    var inRankOrder = contributions[0]
    for values in contributions.dropFirst() {
        for index in 0..<count { inRankOrder[index] += values[index] }
    }
    var first: UInt64?
    for repetition in 0..<5 {
        var sum = contributions[communicator.rank]
        try communicator.allreduce(&sum, .sum)
        let bits = checksum(sum)
        try communicator.verifyEqual("the sum", checksum: bits)
        try expect(first == nil || first == bits, "repetition \(repetition) has other bits")
        first = bits
        if shared { try expect(bits == checksum(inRankOrder), "the sum is not that in rank order") }
    }
    if communicator.rank == 0 { print("shared memory: \(shared), checksum \(first ?? 0)") }
}

/// Times the sum of `count` floats in place, and for comparison a copy of them.
func timeAllreduce(of communicator: any Communicator, count: Int) throws {
    var values = [Float](repeating: 1, count: count)
    var copy = [Float](repeating: 0, count: count)
    let expected = Float(communicator.size * (communicator.size + 1) / 2)
    var (sums, copies): ([Double], [Double]) = ([], [])
    for _ in 0..<12 {
        for index in values.indices { values[index] = Float(communicator.rank + 1) }
        try communicator.barrier()
        sums.append(try milliseconds { try communicator.allreduce(&values, .sum) })
        try expect(values.allSatisfy { $0 == expected }, "the sum is wrong")
        copies.append(milliseconds { copy.withUnsafeMutableBufferPointer { _ = $0.update(from: values) } })
    }
    sums.sort()
    copies.sort()
    if communicator.rank == 0 {
        print(
            String(
                format: "allreduce of %.3f MB: median %.3f ms, least %.3f ms; least copy %.3f ms; ratio %.1f",
                Double(count) * 4e-6, sums[sums.count / 2], sums[0], copies[0], sums[0] / copies[0]))
    }
}

private func milliseconds(_ body: () throws -> Void) rethrows -> Double {
    let start = ContinuousClock.now
    try body()
    return (ContinuousClock.now - start) / .milliseconds(1)
}

private func randomFloats(seed: UInt64, count: Int) -> [Float] {
    var generator = RandomGenerator(seed)
    // Magnitudes from 1e-3 to 1e3, so that the order of additions shows in the bits.
    return (0..<count).map { _ in
        Float(generator.uniform(-1, 1) * pow(10, generator.uniform(-3, 3)))
    }
}

/// FNV-1a over the bit patterns.
private func checksum(_ values: [Float]) -> UInt64 {
    values.reduce(0xcbf2_9ce4_8422_2325) { ($0 ^ UInt64($1.bitPattern)) &* 0x100_0000_01b3 }
}
