import Kernels
import Models
import Tensors

extension ResNet {
    /// A freshly initialised model.
    convenience init(
        _ configuration: ModelConfiguration, input: Shape, on backend: BackendUnderTest, seed: UInt64 = 1
    ) {
        var generator = RandomGenerator(seed)
        self.init(configuration, input: input, backend: backend.make(), generator: &generator)
    }

    /// Replaces every parameter and running statistic by the elements that its name gives.
    func loadDeterministicWeights() throws {
        let shapes = Dictionary(uniqueKeysWithValues: state.map { ($0.name, $0.shape) })
        try loadState(floats: { deterministicWeights($0, shape: shapes[$0]!) }, integer: { _ in 0 })
    }

    /// Loads what another model exports.
    func loadState(of other: ResNet) throws {
        let entries = Dictionary(uniqueKeysWithValues: other.state.map { ($0.name, $0.values) })
        try loadState(floats: { entries[$0]!.floats }, integer: { entries[$0]!.integer })
    }
}

extension StateEntry.Values {
    /// The numbers of a float entry; none of an integer's.
    var floats: [Float] {
        switch self {
        case .float(let values): values
        case .integer: []
        }
    }

    /// The number of an integer entry; -1 of a float one.
    var integer: Int64 {
        switch self {
        case .float: -1
        case .integer(let value): value
        }
    }
}
