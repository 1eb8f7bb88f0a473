import Foundation
import Safetensors

extension ExportedModel {
    /// Writes an ONNX file, replacing what was there.
    /// - Throws: `FileError`; what `onnx` throws.
    public func writeONNX(_ path: String, _ operators: OperatorSet, softmax: Bool) throws {
        let bytes = try onnx(operators, softmax: softmax)
        try FileDescriptor.replace(path) { try $0.write(bytes) }
    }

    /// Writes a safetensors file and the script that loads it, replacing what was there.
    /// - Returns: the script's path.
    /// - Throws: `FileError`.
    public func writeSafetensors(_ path: String) throws -> String {
        try SafetensorsFile(metadata: metadata, tensors: tensors).write(path)
        let weights = URL(filePath: path)
        let name = LoadingScript.name(forWeights: weights.lastPathComponent)
        let script = weights.deletingLastPathComponent().appending(path: name).relativePath
        try FileDescriptor.replace(script) {
            try $0.write(Array(LoadingScript(weights: weights.lastPathComponent).text.utf8))
        }
        return script
    }
}
