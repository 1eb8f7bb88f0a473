import Collectives
import Foundation
import MPICollectives
import Tensors

/// Sums floats whose sum depends on the order, several times, whole and in parts. All ranks must get the same bits each
/// time: those of the sum within the nodes first. Prints the nodes and a checksum for comparison between runs.
func checkOrder(of communicator: any Communicator, count: Int, wire: WireFormat = .float32) throws {
    let nodes = (communicator as? MPICommunicator)?.nodes ?? [[0]]
    let contributions = (0..<communicator.size).map { randomFloats(seed: UInt64($0), count: count) }
    var sums = nodes.map { sum($0.map { contributions[$0] }) }
    if wire == .bfloat16, nodes.count > 1 { sums = [sum(sums.map { $0.map(rounded) }).map(rounded)] }
    let expected = checksum(sum(sums))
    for cuts in [[0, count], [0, 1, 17, count / 3, count / 2 + 1, count]] {
        for repetition in 0..<3 {
            var values = contributions[communicator.rank]
            for (start, end) in zip(cuts, cuts.dropFirst()) {
                try values.withUnsafeMutableBufferPointer { all in
                    var part = UnsafeMutableBufferPointer(rebasing: all[start..<end]).mutableSpan
                    try communicator.sum(&part, wire: wire)
                }
            }
            let bits = checksum(values)
            try communicator.verifyEqual("the sum", checksum: bits)
            try expect(bits == expected, "cut at \(cuts), repetition \(repetition) is not the sum in the nodes' order")
        }
    }
    if communicator.rank == 0 { print("nodes: \(nodes), checksum \(expected)") }
}

/// In the order of the arrays.
private func sum(_ terms: [[Float]]) -> [Float] {
    var total = terms[0]
    for values in terms.dropFirst() {
        for index in total.indices { total[index] += values[index] }
    }
    return total
}

/// To the nearest bfloat16, of two to the even one, by looking at both neighbours.
private func rounded(_ value: Float) -> Float {
    let below = value.bitPattern & 0xFFFF_0000
    let (lower, upper) = (Float(bitPattern: below), Float(bitPattern: below + 0x10000))
    let (down, up) = (Double(value) - Double(lower), Double(upper) - Double(value))
    if down.magnitude == up.magnitude { return below & 0x10000 == 0 ? lower : upper }
    return down.magnitude < up.magnitude ? lower : upper
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
