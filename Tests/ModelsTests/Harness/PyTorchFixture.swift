import Foundation
import Models
import Tensors

/// The content of Tests/Fixtures/pytorch/NAME.json.
func loadPyTorchFixture<Fixture: Decodable>(_ name: String) throws -> Fixture {
    let tests = URL(filePath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
        .deletingLastPathComponent()
    let json = try Data(contentsOf: tests.appending(path: "Fixtures/pytorch/\(name).json"))
    return try JSONDecoder().decode(Fixture.self, from: json)
}

/// A small training run as PyTorch computes it; Tools/pytorch/make_training_fixture.py explains the entries.
struct TrainingFixture: Decodable {
    /// What double precision gives, and the largest error of PyTorch's own single precision, of all elements.
    struct Quantity: Decodable {
        let truth: [Double]
        let float32Error: Double
    }

    struct Gradient: Decodable {
        let norm: Quantity
        let sum: Quantity
        /// Which elements `values` holds.
        let indices: [Int]?
        let values: Quantity?
    }

    struct Optimizer: Decodable {
        let learningRate: Float
        let momentum: Float
        let weightDecay: Float
        let steps: Int
    }

    let model: [String: String]
    /// The name that makes the images.
    let images: String
    let imageShape: [Int]
    let labels: [Int32]
    let optimizer: Optimizer?

    let evalLogitsBefore: Quantity
    let logits: Quantity
    let loss: Quantity
    let gradients: [String: Gradient]

    let stepLosses: Quantity?
    let parameterNormsAfter: [String: Quantity]?
    let runningStatisticsAfter: [String: Quantity]?
    let evalLogitsAfter: Quantity?
}

extension TrainingFixture {
    /// The model that the fixture's metadata describes.
    func configuration() throws -> ModelConfiguration {
        func value<Value>(_ key: String, _ parse: (String) -> Value?) throws -> Value {
            guard let text = model[key], let value = parse(text) else {
                throw FixtureError(description: "the fixture's model has '\(key)' = '\(model[key] ?? "nothing")'")
            }
            return value
        }
        return ModelConfiguration(
            architecture: try value("model") { .init(rawValue: $0) },
            attention: try value("attention") { .init(rawValue: $0) },
            placement: try value("attention-placement") { .init(rawValue: $0) },
            fusion: try value("attention-fusion") { .init(rawValue: $0) },
            channelKernel: try value("attention-kernel") { ChannelKernel($0) },
            spatialKernel: try value("spatial-kernel") { Int($0) },
            classes: try value("classes") { Int($0) })
    }

    var imageTensor: Tensor {
        Tensor(deterministicWeights(images, shape: imageShape), shape: Shape(imageShape))
    }
}

struct FixtureError: Error, CustomStringConvertible {
    let description: String
}
