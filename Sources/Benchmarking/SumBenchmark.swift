import Collectives
import Planning

/// What sums cost a rank's processor.
struct SumBenchmark {
    private let communicator: any Communicator
    private let nodes: [[Int]]
    /// Floats of a piece between nodes.
    private let count = ReductionPieces.bytes(nodes: 2) / MemoryLayout<Float>.stride

    init(on communicator: any Communicator, nodes: [[Int]]) {
        self.communicator = communicator
        self.nodes = nodes
    }

    /// The same on all ranks.
    /// - Throws: failures of communication.
    func costs(repetitions: Int) throws -> StepProfile.SumCosts {
        let (call, byte) = try ofNode(repetitions)
        var floats = [Float](repeating: 1, count: count)
        let terms = [Float](repeating: 0, count: count)
        var halves = [UInt16](repeating: 0, count: count)
        let add = try perByte(repetitions) {
            var total = floats.mutableSpan
            Float.accumulate(terms.span, into: &total, .sum)
        }
        let encode = try perByte(repetitions) {
            var target = halves.mutableSpan
            BFloat16.encode(floats.span, into: &target)
        }
        let addEncoded = try perByte(repetitions) {
            var total = floats.mutableSpan
            BFloat16.accumulate(halves.span, into: &total)
        }
        let decode = try perByte(repetitions) {
            var target = floats.mutableSpan
            BFloat16.decode(halves.span, into: &target)
        }
        return StepProfile.SumCosts(
            nodeCall: call, nodeByte: byte, add: add, encode: encode, addEncoded: addEncoded, decode: decode)
    }

    /// Seconds of a sum inside each node, and of a byte of it.
    private func ofNode(_ repetitions: Int) throws -> (call: Double, byte: Double) {
        guard nodes.contains(where: { $0.count > 1 }),
            let index = nodes.firstIndex(where: { $0.contains(communicator.rank) })
        else { return (0, 0) }
        let node = try communicator.split(color: index)
        var (small, large) = ([Float](repeating: 0, count: 2), [Float](repeating: 0, count: count))
        let calls = 20
        let call = try time(repetitions) { for _ in 0..<calls { try node.allreduce(&small, .sum) } } / Double(calls)
        let whole = try time(repetitions) { for _ in 0..<calls { try node.allreduce(&large, .sum) } } / Double(calls)
        return (call, max(0, whole - call) / Double(count * MemoryLayout<Float>.stride))
    }

    private func perByte(_ repetitions: Int, _ body: () -> Void) throws -> Double {
        let calls = 20
        let seconds = try time(repetitions) { for _ in 0..<calls { body() } }
        return seconds / Double(calls * count * MemoryLayout<Float>.stride)
    }

    /// The median over repetitions of the slowest rank's seconds.
    private func time(_ repetitions: Int, _ body: () throws -> Void) throws -> Double {
        try body()
        return median(try (0..<repetitions).map { _ in try communicator.slowest(body) })
    }
}
