import Models
import Safetensors

/// What a model took from a file of pretrained weights.
public struct PretrainedWeights: Hashable, Sendable {
    /// The file.
    public let path: String
    /// The model's names that the file had.
    public let loaded: [String]
    /// The file's names that were not used: a classifier of other classes, or what the model does not have.
    public let leftOut: [String]
    /// The model's names that the file lacks; they stay as they were.
    public let missing: [String]

    /// Lines for the user.
    public var notes: [String] {
        var lines = ["\(path): loaded \(loaded.count) tensors: \(Self.byLayer(loaded))"]
        if !leftOut.isEmpty { lines.append("\(path): left out \(leftOut.joined(separator: ", "))") }
        if !missing.isEmpty { lines.append("not in \(path), left as initialised: \(missing.joined(separator: ", "))") }
        return lines
    }

    /// As in `conv1 1, bn1 5, layer1 24`.
    private static func byLayer(_ names: [String]) -> String {
        var layers: [(name: Substring, count: Int)] = []
        for name in names {
            let layer = name.prefix { $0 != "." }
            if let index = layers.firstIndex(where: { $0.name == layer }) {
                layers[index].count += 1
            } else {
                layers.append((layer, 1))
            }
        }
        return layers.map { "\($0.name) \($0.count)" }.joined(separator: ", ")
    }
}

extension ResNet {
    /// Takes what it can from a file with torchvision's or timm's names for a ResNet. The classifier is left out if it has
    /// another number of classes.
    ///
    /// - Throws: `TensorMismatch` if a tensor has another shape, `TrainingError.noPretrainedWeights` if no name is known,
    ///   `SafetensorsError` if an element type does not fit; all before anything is changed.
    public func loadPretrained(_ file: SafetensorsFile) throws -> PretrainedWeights {
        let path = file.path ?? "the file"
        // DistributedDataParallel saves its own model's names.
        let prefix = file.names.allSatisfy { $0.hasPrefix("module.") } ? "module." : ""
        let state = state
        let isOtherHead = file["\(prefix)fc.weight"].map { $0.shape.first != configuration.classes } ?? false
        func isWanted(_ name: String) -> Bool { !(isOtherHead && name.hasPrefix("fc.")) && file[prefix + name] != nil }
        let wanted = state.filter { isWanted($0.name) }
        guard !wanted.isEmpty else {
            throw TrainingError.noPretrainedWeights(path: path, names: Array(file.names.sorted().prefix(3)))
        }
        try file.requireShapes(wanted.map { (prefix + $0.name, $0.shape) })
        var (floats, integers) = ([String: [Float]](), [String: Int64]())
        for entry in state {
            switch entry.values {
            case .float(let own):
                floats[entry.name] = isWanted(entry.name) ? try file.float32(prefix + entry.name).values : own
            case .integer(let own):
                integers[entry.name] = isWanted(entry.name) ? try file.int64(prefix + entry.name).values[0] : own
            }
        }
        try loadState(floats: { floats[$0] ?? [] }, integer: { integers[$0] ?? 0 })
        let taken = Set(wanted.map { prefix + $0.name })
        return PretrainedWeights(
            path: path, loaded: wanted.map(\.name), leftOut: file.names.filter { !taken.contains($0) },
            missing: state.map(\.name).filter { !isWanted($0) })
    }
}
