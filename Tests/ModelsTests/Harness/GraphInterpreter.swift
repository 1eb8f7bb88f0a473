import Foundation
import Kernels
import Models
import Tensors

/// Computes a graph on images (N, 3, H, W), operation by operation.
struct GraphInterpreter {
    private let backend = ReferenceBackend()

    func output(of graph: InferenceGraph, _ images: Tensor) -> [Float] {
        var values = [InferenceGraph.images: images]
        for node in graph.nodes {
            let inputs = node.inputs.map { values[$0]! }
            values[node.output] = compute(node.operation, inputs[0], inputs.last!)
        }
        return values[graph.output]!.elements
    }

    /// - Parameter y: the second input, where there is one.
    private func compute(_ operation: InferenceOperation, _ x: Tensor, _ y: Tensor) -> Tensor {
        let shape = x.shape.dimensions
        switch operation {
        case .convolution(let weight, let bias, let stride, let padding):
            let geometry = ConvolutionGeometry(
                inputChannels: weight.shape[1], outputChannels: weight.shape[0], kernel: weight.shape[2],
                stride: stride, padding: padding)
            let z = backend.convolution(x, filter: tensor(weight), geometry: geometry)
            guard let bias else { return z }
            return mapped(z) { value, place in value + bias.elements[channel(place, z)] }
        case .batchNorm(let scale, let shift, let mean, let variance, let epsilon):
            return mapped(x) { value, place in
                let c = channel(place, x)
                let deviation = Float((Double(variance.elements[c]) + epsilon).squareRoot())
                let normalised = (value - mean.elements[c]) / deviation
                return scale.elements[c] * normalised + shift.elements[c]
            }
        case .maxPool(let geometry): return backend.maxPool(x, geometry, training: false).output
        case .relu: return mapped(x) { value, _ in max(value, 0) }
        case .logistic: return mapped(x) { value, _ in 1 / (1 + exp(-value)) }
        case .meanOverPositions: return backend.globalAveragePool(x)
        case .maximumOverPositions: return statistics(x).channelMaximum
        case .meanOverChannels: return plane(0, of: x)
        case .maximumOverChannels: return plane(1, of: x)
        case .concatenation:
            let (first, second) = (x.elements, y.elements)
            let (a, b) = (first.count / shape[0], second.count / shape[0])
            var elements: [Float] = []
            for n in 0..<shape[0] {
                elements += first[n * a..<n * a + a]
                elements += second[n * b..<n * b + b]
            }
            return Tensor(elements, shape: [shape[0], shape[1] + y.shape[1], shape[2], shape[3]])
        case .channelConvolution(let weight):
            return backend.channelConvolution(x, weight: Tensor(weight.elements, shape: [weight.elements.count]))
        case .linear(let weight, let bias):
            let zeros = [Float](repeating: 0, count: weight.shape[0])
            return backend.linear(
                x, weight: tensor(weight), bias: Tensor(bias?.elements ?? zeros, shape: [weight.shape[0]]))
        case .sum:
            let other = y.elements
            return mapped(x) { value, place in value + other[place] }
        case .scalingOfChannels:
            let (map, positions) = (y.elements, shape[2] * shape[3])
            return mapped(x) { value, place in value * map[place / positions] }
        case .scalingOfPositions:
            let (map, positions) = (y.elements, shape[2] * shape[3])
            let size = shape[1] * positions
            return mapped(x) { value, place in value * map[place / size * positions + place % positions] }
        }
    }

    private func tensor(_ constant: InferenceOperation.Constant) -> Tensor {
        Tensor(constant.elements, shape: Shape(constant.shape))
    }

    private func mapped(_ x: Tensor, _ transform: (Float, Int) -> Float) -> Tensor {
        Tensor(x.elements.enumerated().map { transform($1, $0) }, shape: x.shape)
    }

    private func channel(_ place: Int, _ x: Tensor) -> Int { place / x.shape.positions % x.shape.channels }

    private func statistics(_ x: Tensor) -> AttentionStatistics {
        backend.attentionStatistics(FeatureMap(x), scaledBy: nil, training: false)
    }

    private func plane(_ index: Int, of x: Tensor) -> Tensor {
        let (maps, positions) = (statistics(x).positionMaps.elements, x.shape.positions)
        var elements: [Float] = []
        for n in 0..<x.shape.batch {
            let start = (2 * n + index) * positions
            elements += maps[start..<start + positions]
        }
        return Tensor(elements, shape: [x.shape.batch, 1, x.shape.height, x.shape.width])
    }
}
