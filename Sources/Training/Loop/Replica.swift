import Collectives
import Models

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
        let layout = XXHash64.hash(Array(model.arena.signature.utf8))
        try communicator.verifyEqual("the layout of the parameters \(when)", checksum: layout)
        var values = XXHash64()
        model.arena.values.withUnsafeBufferPointer { values.update(UnsafeRawBufferPointer($0)) }
        try communicator.verifyEqual("the parameters \(when)", checksum: values.finish())
    }
}
