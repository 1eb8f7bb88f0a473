import Tensors

extension AcceleratedBackend {
    public func relu(_ input: Tensor) -> Tensor {
        let output = activation(input.shape)
        let (x, y) = (UnsafePointer(input.pointer), output.pointer)
        forEachVector(of: output) { index in y.store(x.vector(index, as: SIMD8<Float>.self).positivePart(), at: index) }
        return output
    }

    public func reluGradient(_ outputGradient: Tensor, output: Tensor) -> Tensor {
        let inputGradient = activation(output.shape)
        let (g, y, d) = (UnsafePointer(outputGradient.pointer), UnsafePointer(output.pointer), inputGradient.pointer)
        forEachVector(of: inputGradient) { index in
            d.store(g.vector(index, as: SIMD8<Float>.self).kept(where: y.vector(index)), at: index)
        }
        return inputGradient
    }

    public func add(_ a: Tensor, _ b: Tensor, relu: Bool) -> Tensor {
        precondition(a.shape == b.shape, "adding \(a.shape) and \(b.shape)")
        let output = activation(a.shape)
        let (left, right, y) = (UnsafePointer(a.pointer), UnsafePointer(b.pointer), output.pointer)
        if relu {
            forEachVector(of: output) { index in
                y.store((left.vector(index, as: SIMD8<Float>.self) + right.vector(index)).positivePart(), at: index)
            }
        } else {
            forEachVector(of: output) { index in
                y.store(left.vector(index, as: SIMD8<Float>.self) + right.vector(index), at: index)
            }
        }
        return output
    }

    /// Calls `body` with every index of an 8-Float vector; a blocked activation is a multiple of that long.
    @inline(__always)
    private func forEachVector(of tensor: Tensor, _ body: (Int) -> Void) {
        team.forEachShare(tensor.storageCount / SIMD8<Float>.lanes) { share in
            for index in share { body(index) }
        }
    }
}
