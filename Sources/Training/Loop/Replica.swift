import Collectives
import Models
import Tensors

/// The communication of one rank's copy of a model.
struct Replica {
    let model: ResNet
    let communicator: any Communicator

    /// Adds batch norm sums over the ranks; nil for one rank.
    var statisticsReduction: StatisticsReduction? {
        guard communicator.size > 1 else { return nil }
        return { [communicator] sums in try communicator.allreduce(&sums, .sum) }
    }

    /// Gives all ranks the mean of their running statistics, which differ where batch norm is local.
    func averageRunningStatistics() throws {
        guard communicator.size > 1 else { return }
        let norms = model.norms
        var packed = norms.flatMap { $0.runningMean + $0.runningVariance }.map(Double.init)
        try communicator.allreduce(&packed, .sum)
        var position = 0
        for norm in norms {
            func take(_ count: Int) -> [Float] {
                defer { position += count }
                return packed[position..<position + count].map { Float($0 / Double(communicator.size)) }
            }
            let channels = norm.runningMean.count
            norm.setRunning(mean: take(channels), variance: take(channels), batchesTracked: norm.batchesTracked)
        }
    }

    /// Checks that all ranks hold the same parameters in the same places.
    /// - Throws: `DivergenceFailure`, which names the ranks that differ.
    func verifyEqual(_ when: String) throws {
        var layout = Checksum()
        layout.add(model.arena.signature)
        try communicator.verifyEqual("the layout of the parameters \(when)", checksum: layout.value)
        var values = Checksum()
        values.add(model.arena.values)
        try communicator.verifyEqual("the parameters \(when)", checksum: values.value)
    }
}

/// A 64-bit checksum of bits (FNV-1a's steps on 32-bit words), to find that two replicas differ.
private struct Checksum {
    private(set) var value: UInt64 = 0xCBF2_9CE4_8422_2325

    mutating func add(_ word: UInt32) {
        value = (value ^ UInt64(word)) &* 0x100_0000_01B3
    }

    mutating func add(_ text: String) {
        for byte in text.utf8 { add(UInt32(byte)) }
    }

    mutating func add(_ tensor: Tensor) {
        tensor.withUnsafeBufferPointer { values in
            for value in values { add(value.bitPattern) }
        }
    }
}
