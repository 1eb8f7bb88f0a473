import Foundation
import Kernels
import Tensors

/// Tests/Fixtures/kernels/operations.json, written by Tools/fixtures/kernels.py: operations as PyTorch computes them.
struct PyTorchFixture: Decodable {
    let cases: [Case]

    struct Case: Decodable, Sendable {
        let kind: String
        let parameters: [String: Int]
        let tensors: [String: Values]

        struct Values: Decodable, Sendable {
            let shape: [Int]
            let elements: [Double]
        }

        subscript(name: String) -> DoubleTensor {
            guard let values = tensors[name] else { preconditionFailure("\(kind) has no tensor \(name)") }
            return DoubleTensor(values.elements, shape: Shape(values.shape))
        }

        /// The given parameter; where it says whether, not zero is yes.
        func parameter(_ name: String) -> Int {
            guard let value = parameters[name] else { preconditionFailure("\(kind) has no parameter \(name)") }
            return value
        }

        /// PyTorch's values for results of the given names.
        func expected(_ names: [String]) -> [Observation] {
            names.map { Observation($0, self[$0]) }
        }
    }

    static func load() throws -> PyTorchFixture {
        let root = URL(filePath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
            .deletingLastPathComponent().deletingLastPathComponent()
        let file = root.appending(path: "Tests/Fixtures/kernels/operations.json")
        return try JSONDecoder().decode(PyTorchFixture.self, from: Data(contentsOf: file))
    }
}
