import Foundation
import Tensors

/// x = 1 / (1 + exp(-x)), in place.
func applyLogistic(_ tensor: Tensor) {
    tensor.withUnsafeMutableBufferPointer { values in
        for index in values.indices { values[index] = 1 / (1 + exp(-values[index])) }
    }
}

/// g = g · y · (1 - y), in place.
func applyLogisticGradient(_ gradient: Tensor, output: Tensor) {
    output.withUnsafeBufferPointer { y in
        gradient.withUnsafeMutableBufferPointer { g in
            for index in g.indices { g[index] *= y[index] * (1 - y[index]) }
        }
    }
}
