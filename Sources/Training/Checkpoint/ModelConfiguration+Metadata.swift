import Kernels
import Models
import Safetensors

extension ModelConfiguration {
    /// As a model file's metadata records it: the flags' names and values, and the number of classes.
    var metadata: [String: String] {
        [
            "model": architecture.rawValue, "attention": attention.rawValue,
            "attention-placement": placement.rawValue, "attention-fusion": fusion.rawValue,
            "attention-kernel": channelKernel.description, "spatial-kernel": String(spatialKernel),
            "attention-ratio": String(ratio), "classes": String(classes),
        ]
    }

    /// Reads what `metadata` wrote.
    /// - Parameter path: named by the error.
    /// - Throws: `TrainingError.notAModel` if an entry is missing or makes no sense.
    public init(metadata: [String: String], path: String) throws {
        func value<Value>(_ key: String, _ parse: (String) -> Value?) throws -> Value {
            guard let text = metadata[key], let value = parse(text) else {
                throw TrainingError.notAModel(path: path, key: key)
            }
            return value
        }
        self.init(
            architecture: try value("model", Architecture.init), attention: try value("attention", Attention.init),
            placement: try value("attention-placement", Placement.init),
            fusion: try value("attention-fusion", AttentionFusion.init),
            channelKernel: try value("attention-kernel", ChannelKernel.init),
            spatialKernel: try value("spatial-kernel", Int.init),
            // Older files have none, and no module that has a ratio.
            ratio: metadata["attention-ratio"] == nil ? 16 : try value("attention-ratio", Int.init),
            classes: try value("classes", Int.init))
    }

    /// - Throws: `TrainingError.otherModel` for the first difference from the model of a checkpoint at `path`.
    func requireSame(as checkpoint: ModelConfiguration, path: String) throws {
        let (wanted, found) = (metadata, checkpoint.metadata)
        let options = [
            "model", "attention", "attention-placement", "attention-fusion", "attention-kernel", "spatial-kernel",
            "attention-ratio",
        ]
        for option in options where wanted[option] != found[option] {
            throw TrainingError.otherModel(
                path: path, option: option, checkpoint: found[option] ?? "", given: wanted[option] ?? "")
        }
    }
}
