import Models
import Safetensors

extension ResNet {
    /// The model's state as a file under torchvision's names.
    public var safetensors: SafetensorsFile { SafetensorsFile(state, of: configuration) }

    /// Replaces parameters and statistics.
    /// - Throws: `TensorMismatch` if the file has other names or shapes, before anything is changed;
    ///   `SafetensorsError` if an element type does not fit.
    public func load(_ file: SafetensorsFile) throws {
        try file.requireTensors(state.map { ($0.name, $0.shape) })
        try loadState(floats: { try file.float32($0).values }, integer: { try file.int64($0).values[0] })
    }
}

extension SafetensorsFile {
    /// A model's file.
    init(_ state: [StateEntry], of configuration: ModelConfiguration) {
        self.init(
            metadata: configuration.metadata,
            tensors: state.map { entry in
                switch entry.values {
                case .float(let values): SafetensorsTensor(name: entry.name, shape: entry.shape, float32: values)
                case .integer(let value): SafetensorsTensor(name: entry.name, shape: entry.shape, int64: [value])
                }
            })
    }

    /// SGD's file: the momentum of each parameter under `momentum.` and its name.
    init(momenta: [(name: String, shape: [Int], values: [Float])]) {
        self.init(
            metadata: ["optimizer": "sgd"],
            tensors: momenta.map { SafetensorsTensor(name: "momentum.\($0.name)", shape: $0.shape, float32: $0.values) }
        )
    }
}

extension SGD {
    /// Replaces the momenta.
    /// - Throws: as `ResNet.load`.
    public func load(_ file: SafetensorsFile) throws {
        try file.requireTensors(shapes.map { ("momentum.\($0.name)", $0.shape) })
        try loadState { try file.float32("momentum.\($0)").values }
    }
}
