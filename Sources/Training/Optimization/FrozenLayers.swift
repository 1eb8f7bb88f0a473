import Models

/// Layers that training leaves as they are: no update, no momentum, no weight decay; their batch norms normalise with the
/// running statistics and keep them.
public struct FrozenLayers: Hashable, Sendable {
    /// As in `layer1`, which names all that begins with `layer1.`; or a whole parameter's name.
    public let prefixes: [String]

    /// Layers by the beginnings of their parameters' names; none by default.
    public init(_ prefixes: [String] = []) {
        self.prefixes = prefixes
    }

    /// Whether a layer or parameter is among them.
    public func contains(_ name: String) -> Bool {
        prefixes.contains { name == $0 || name.hasPrefix("\($0).") }
    }

    /// Tells the model's batch norms.
    /// - Throws: `TrainingError` if a prefix names nothing, or if nothing is left to train.
    func apply(to model: ResNet) throws {
        let names = model.parameters.map(\.name)
        for prefix in prefixes where !names.contains(where: FrozenLayers([prefix]).contains) {
            var layers: [String] = []
            for name in names {
                let layer = String(name.prefix { $0 != "." })
                if !layers.contains(layer) { layers.append(layer) }
            }
            throw TrainingError.unknownLayer(prefix, layers: layers)
        }
        guard !names.allSatisfy(contains) else { throw TrainingError.everythingFrozen }
        for norm in model.norms { norm.isFrozen = contains(norm.name) }
    }
}
