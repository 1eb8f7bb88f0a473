import Collectives
import Foundation

/// Sums over the ranks of buffers of several sizes, beside the library's own and beside a copy of the buffer by all
/// ranks at once: each must at least read its buffer once and write it once.
public struct AllreduceBenchmark {
    /// An allreduce to compare with.
    public typealias Rival = (inout MutableSpan<Float>) throws -> Void

    /// Bytes.
    public let sizes: [Int]
    public let wire: WireFormat
    private let communicator: any Communicator
    private let rival: Rival?

    /// - Parameters:
    ///   - mebibytes: of the largest buffer; the smallest has 8 bytes.
    ///   - rival: nil where there is no library.
    public init(on communicator: any Communicator, mebibytes: Int, wire: WireFormat, rival: Rival?) {
        precondition(mebibytes > 0, "a benchmark of nothing")
        sizes = [8, 1 << 10, 1 << 16, 1 << 20, 1 << 23].filter { $0 < mebibytes << 20 } + [mebibytes << 20]
        self.communicator = communicator
        self.wire = wire
        self.rival = rival
    }

    /// The figures of every size, each checked before it is timed; medians over rounds in which all take turns.
    /// - Throws: `BenchmarkError.wrongSum`, failures of communication.
    public func figures() throws -> [Figure] {
        try sizes.flatMap { bytes in try figures(bytes: bytes) }
    }

    /// Seconds of one sum of so many bytes, checked before it is timed: the median of as many as fit into about
    /// `budget` seconds, but of three at least and of two hundred at most.
    /// - Throws: as `figures`.
    public func seconds(ofBytes bytes: Int, budget: Double) throws -> Double {
        var values = [Float](repeating: 0, count: bytes / MemoryLayout<Float>.stride)
        try check(&values, "allreduce", tolerance: tolerance, sum)
        for index in values.indices { values[index] = 0 }
        var times: [Double] = []
        // All ranks have the same times, those of the slowest.
        while times.count < 3 || (times.count < 200 && times.reduce(0, +) < budget) {
            times.append(try slowest(of: 1) { try apply(sum, to: &values) })
        }
        return median(times)
    }

    private var tolerance: Float { wire == .bfloat16 ? 1.0 / 64 : 0 }

    private func figures(bytes: Int) throws -> [Figure] {
        var values = [Float](repeating: 0, count: bytes / MemoryLayout<Float>.stride)
        try check(&values, "allreduce", tolerance: tolerance, sum)
        if let rival { try check(&values, "the library's allreduce", tolerance: 0, rival) }
        // Zeros stay zeros however often they are added.
        for index in values.indices { values[index] = 0 }
        var copy = values
        // A clock's tick is much of a small message.
        let calls = max(1, min(200, (1 << 20) / bytes))
        let rounds = max(5, min(25, (400 << 20) / bytes))
        var (ours, copies, theirs): ([Double], [Double], [Double]) = ([], [], [])
        for _ in 0..<rounds {
            ours.append(try slowest(of: calls) { try apply(sum, to: &values) })
            if let rival { theirs.append(try slowest(of: calls) { try apply(rival, to: &values) }) }
            copies.append(
                try slowest(of: calls) { copy.withUnsafeMutableBufferPointer { _ = $0.update(from: values) } })
        }
        return report(bytes: bytes, ours: median(ours), copy: median(copies), theirs: theirs)
    }

    private func report(bytes: Int, ours: Double, copy: Double, theirs: [Double]) -> [Figure] {
        let size = Self.name(bytes)
        let limit = "a copy by all ranks at once"
        var figures = [
            Figure("allreduce of \(size)", 1e3 * ours, "ms", limit: 1e3 * copy, limitName: limit),
            Figure(
                "bandwidth at \(size)", Double(bytes) / ours / 1e9, "GB/s", limit: Double(bytes) / copy / 1e9,
                limitName: "that copy"),
        ]
        if !theirs.isEmpty {
            figures += [
                Figure("MPI_Allreduce of \(size)", 1e3 * median(theirs), "ms"),
                Figure("MPI_Allreduce's time over ours at \(size)", median(theirs) / ours, "x"),
            ]
        }
        return figures
    }

    private func sum(_ span: inout MutableSpan<Float>) throws { try communicator.sum(&span, wire: wire) }

    private func apply(_ sum: Rival, to values: inout [Float]) throws {
        var span = values.mutableSpan
        try sum(&span)
    }

    /// Small integers, whose sums are exact in single precision.
    private func check(_ values: inout [Float], _ what: String, tolerance: Float, _ sum: Rival) throws {
        func value(_ index: Int, rank: Int) -> Float { Float(index % 5 + rank % 3) }
        for index in values.indices { values[index] = value(index, rank: communicator.rank) }
        try apply(sum, to: &values)
        // The ranks' parts of five elements make all sums.
        let expected = (0..<5).map { index in
            (0..<communicator.size).reduce(Float(0)) { $0 + value(index, rank: $1) }
        }
        let checksum = try communicator.agreeing("checking the sum of \(what)") {
            var checksum: UInt64 = 0
            for (index, value) in values.enumerated() {
                guard abs(value - expected[index % 5]) <= tolerance * expected[index % 5] else {
                    throw BenchmarkError.wrongSum(what, index: index, value: value, expected: expected[index % 5])
                }
                checksum = checksum &* 31 &+ UInt64(value.bitPattern)
            }
            return checksum
        }
        try communicator.verifyEqual("the sum of \(what)", checksum: checksum)
    }

    /// Seconds of one of `calls` calls, on the slowest rank.
    private func slowest(of calls: Int, _ body: () throws -> Void) throws -> Double {
        try communicator.slowest { for _ in 0..<calls { try body() } } / Double(calls)
    }

    /// As in `64 KiB`.
    private static func name(_ bytes: Int) -> String {
        if bytes >= 1 << 20 { return "\(bytes >> 20) MiB" }
        return bytes >= 1 << 10 ? "\(bytes >> 10) KiB" : "\(bytes) B"
    }
}
