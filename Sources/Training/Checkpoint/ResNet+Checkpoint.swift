import Models
import Safetensors

extension ResNet {
    /// The model's state as a file under torchvision's names.
    public var safetensors: SafetensorsFile {
        SafetensorsFile(metadata: configuration.metadata, tensors: state.map(SafetensorsTensor.init))
    }

    /// Replaces parameters and statistics.
    /// - Throws: `TensorMismatch` if the file has other names or shapes, before anything is changed;
    ///   `SafetensorsError` if an element type does not fit.
    public func load(_ file: SafetensorsFile) throws {
        try file.requireTensors(state.map { ($0.name, $0.shape) })
        try loadState(floats: { try file.float32($0).values }, integer: { try file.int64($0).values[0] })
    }
}

extension SafetensorsTensor {
    init(_ entry: StateEntry) {
        switch entry.values {
        case .float(let values): self.init(name: entry.name, shape: entry.shape, float32: values)
        case .integer(let value): self.init(name: entry.name, shape: entry.shape, int64: [value])
        }
    }
}

extension SGD {
    /// What precedes a parameter's name in an optimizer's file.
    static let filePrefix = "momentum."

    /// Replaces the momenta. What else the file holds is another's to read.
    /// - Throws: as `ResNet.load`.
    public func load(_ file: SafetensorsFile) throws {
        let momenta = SafetensorsFile(tensors: file.tensors.filter { $0.name.hasPrefix(Self.filePrefix) })
        try momenta.requireTensors(shapes.map { ("\(Self.filePrefix)\($0.name)", $0.shape) })
        try loadState { try file.float32("\(Self.filePrefix)\($0)").values }
    }
}

extension CenterLoss {
    /// The centres' name in an optimizer's file.
    static let fileName = "center-loss.centers"

    /// The centres as they are now.
    var entry: StateEntry {
        StateEntry(name: Self.fileName, shape: centers.shape.dimensions, values: .float(centers.elements))
    }

    /// Replaces the centres, if the file has them: those of a run with another loss start anew.
    /// - Throws: `TensorMismatch` if they are of other classes or features.
    func load(_ file: SafetensorsFile) throws {
        guard file[Self.fileName] != nil else { return }
        try file.requireShapes([(Self.fileName, centers.shape.dimensions)])
        centers.copy(from: try file.float32(Self.fileName).values)
    }
}
