import Foundation
import Models
import SwiftProtobuf

extension ExportedModel {
    /// The bytes of an ONNX file (https://onnx.ai): input `images` (batch, 3, height, width), output `logits` (batch,
    /// classes) or, with softmax, `probabilities`; batch, height and width are free.
    /// - Throws: SwiftProtobuf's errors, such as for more than 2 GB.
    public func onnx(_ operators: OperatorSet = .oldest, softmax: Bool = false) throws -> [UInt8] {
        var model = Onnx_ModelProto()
        model.irVersion = operators.format
        model.producerName = "aam"
        model.producerVersion = metadata["aam-version"] ?? ""
        var version = Onnx_OperatorSetIdProto()
        version.domain = ""
        version.version = Int64(operators.version)
        model.opsetImport = [version]
        model.metadataProps = metadata.sorted { $0.key < $1.key }.map { key, value in
            var entry = Onnx_StringStringEntryProto()
            entry.key = key
            entry.value = value
            return entry
        }
        model.graph = onnxGraph(operators, softmax: softmax)
        return try model.serializedBytes()
    }

    private func onnxGraph(_ operators: OperatorSet, softmax: Bool) -> Onnx_GraphProto {
        let (logits, probabilities) = ("logits", "probabilities")
        var builder = GraphBuilder(name: metadata["model"] ?? "model")
        builder.addInput(
            InferenceGraph.images.name, [.any("batch"), .fixed(3), .any("height"), .any("width")],
            "RGB images as the metadata's “preprocessing” makes them")
        func name(_ value: InferenceGraph.Value) -> String { value == graph.output ? logits : value.name }
        for node in graph.nodes {
            builder.add(node.operation, node.inputs.map(name), name(node.output), operators)
        }
        if softmax { builder.add("Softmax", [logits], probabilities, ["axis": .integer(1)]) }
        builder.addOutput(
            softmax ? probabilities : logits,
            [.any("batch"), metadata["classes"].flatMap(Int.init).map { .fixed($0) } ?? .any("classes")],
            "A number a class, in the order of the metadata's “class-names”")
        return builder.graph
    }
}
