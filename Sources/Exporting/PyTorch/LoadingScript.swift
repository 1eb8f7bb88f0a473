import Foundation

/// A Python program that needs nothing of ours: it loads an exported safetensors file and classifies images.
///
/// Tools/pytorch/classify.py with the model's module aam_resnet.py in place of its import.
public struct LoadingScript {
    public let text: String

    /// - Parameter weights: the name of the file beside the script that it loads.
    public init(weights: String) {
        func source(_ bytes: [UInt8]) -> String { String(decoding: bytes, as: UTF8.self) }
        var text = source(PackageResources.classify_py)
        let placed = [
            ("from aam_resnet import from_metadata\n", "\n" + source(PackageResources.aam_resnet_py)),
            ("\"model.safetensors\"", Self.literal(weights)), ("SCRIPT", Self.name(forWeights: weights)),
        ]
        for (mark, content) in placed {
            guard let range = text.range(of: mark) else { preconditionFailure("classify.py lacks \(mark)") }
            text.replaceSubrange(range, with: content)
        }
        self.text = text
    }

    /// `load_birds.py` for `birds.safetensors`: a name that hides no module of Python.
    public static func name(forWeights weights: String) -> String {
        "load_\(weights.hasSuffix(".safetensors") ? String(weights.dropLast(".safetensors".count)) : weights).py"
    }

    /// A string of Python.
    private static func literal(_ text: String) -> String {
        let escaped = text.unicodeScalars.map { scalar in
            switch scalar {
            case "\"", "\\": "\\\(scalar)"
            case "\u{20}"..."\u{7E}": String(scalar)
            default:
                "\\U" + String(repeating: "0", count: 8 - String(scalar.value, radix: 16).count)
                    + String(scalar.value, radix: 16)
            }
        }
        return "\"\(escaped.joined())\""
    }
}
