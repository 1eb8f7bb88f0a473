import Models
import Safetensors

/// The ranks' own running statistics in an optimizer's file: within an epoch, where batch norm is local, they differ from
/// the model's, which are their mean.
enum RankStatistics {
    private static func name(ofRank rank: Int) -> String { "running-statistics.rank\(rank)" }

    static func tensors(_ ofRanks: [[Float]]) -> [SafetensorsTensor] {
        ofRanks.enumerated().map { rank, values in
            SafetensorsTensor(name: name(ofRank: rank), shape: [values.count], float32: values)
        }
    }

    /// A rank's statistics, or nil if the file has none.
    static func values(ofRank rank: Int, in file: SafetensorsFile) throws -> [Float]? {
        let name = name(ofRank: rank)
        return file[name] == nil ? nil : try file.float32(name).values
    }
}

extension [RunningStatistics] {
    /// Statistics of the same batch norms with these values; nil if they are of others.
    func replaced(by values: [Float]) -> [RunningStatistics]? {
        guard values.count == reduce(0, { $0 + $1.values.count }) else { return nil }
        var rest = values[...]
        return map { statistics in
            let count = statistics.mean.count
            defer { rest = rest.dropFirst(2 * count) }
            return RunningStatistics(
                mean: [Float](rest.prefix(count)), variance: [Float](rest.dropFirst(count).prefix(count)),
                batchesTracked: statistics.batchesTracked)
        }
    }
}
