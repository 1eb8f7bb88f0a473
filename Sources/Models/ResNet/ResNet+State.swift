/// A named tensor of a model's state, row-major: what PyTorch calls an entry of the state dictionary.
public struct StateEntry: Sendable {
    /// What the entry holds.
    public enum Values: Sendable {
        /// A parameter or a running statistic, row-major.
        case float([Float])
        /// The number of batches that a batch norm has seen.
        case integer(Int64)
    }

    /// As in `layer1.0.conv1.weight`.
    public let name: String
    /// Empty for a single number.
    public let shape: [Int]
    /// As many as `shape` says.
    public let values: Values

    /// An entry for a file.
    public init(name: String, shape: [Int], values: Values) {
        self.name = name
        self.shape = shape
        self.values = values
    }
}

extension ResNet {
    /// Parameters and batch norm statistics under torchvision's names; `load_state_dict(strict=True)` takes them.
    public var state: [StateEntry] {
        parameters.map { StateEntry(name: $0.name, shape: $0.shape.dimensions, values: .float($0.elements)) }
            + statistics
    }

    /// The batch norm statistics among `state`, which follow its parameters.
    public var statistics: [StateEntry] {
        norms.flatMap { norm in
            statistics(
                of: norm, mean: norm.runningMean, variance: norm.runningVariance, batchesTracked: norm.batchesTracked)
        }
    }

    /// The entries of one batch norm with the given statistics.
    public func statistics(
        of norm: BatchNormalization, mean: [Float], variance: [Float], batchesTracked: Int64
    ) -> [StateEntry] {
        [
            StateEntry(name: "\(norm.name).running_mean", shape: [mean.count], values: .float(mean)),
            StateEntry(name: "\(norm.name).running_var", shape: [variance.count], values: .float(variance)),
            StateEntry(name: "\(norm.name).num_batches_tracked", shape: [], values: .integer(batchesTracked)),
        ]
    }

    /// Replaces parameters and statistics. `floats` and `integer` return the entry of a name; both throw what the
    /// caller's file has wrong. Shapes are the caller's to check.
    public func loadState(floats: (String) throws -> [Float], integer: (String) throws -> Int64) throws {
        for parameter in parameters { parameter.elements = try floats(parameter.name) }
        for norm in norms {
            norm.setRunning(
                mean: try floats("\(norm.name).running_mean"), variance: try floats("\(norm.name).running_var"),
                batchesTracked: try integer("\(norm.name).num_batches_tracked"))
        }
    }
}
