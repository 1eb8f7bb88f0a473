import Foundation
import Models
import Safetensors
import Training

/// A model to be written for other programs, with what they must know to use it.
public struct ExportedModel: Sendable {
    /// What it computes, on the weights to write.
    public let graph: InferenceGraph
    /// The weights by PyTorch's names.
    public let tensors: [SafetensorsTensor]
    /// The configuration's entries as in a checkpoint's model file, and those of the description.
    public let metadata: [String: String]

    /// - Parameter foldingBatchNorms: whether convolutions take in the batch norms behind them.
    /// - Throws: `ExportError.notFinite`; what encoding the description as JSON throws.
    public init(_ model: ResNet, _ description: ModelDescription, foldingBatchNorms: Bool) throws {
        let original = model.inferenceGraph
        for constant in original.constants {
            if let value = constant.elements.first(where: { !$0.isFinite }) {
                throw ExportError.notFinite(tensor: constant.name, value: value)
            }
        }
        let file = model.safetensors
        var metadata = try file.metadata.merging(description.metadata) { $1 }
        metadata["batch-norm"] = foldingBatchNorms ? "folded" : "kept"
        self.metadata = metadata
        graph = foldingBatchNorms ? original.foldingBatchNorms() : original
        tensors =
            foldingBatchNorms
            ? graph.constants.map { SafetensorsTensor(name: $0.name, shape: $0.shape, float32: $0.elements) }
            : file.tensors
    }
}
