import Tensors

extension AcceleratedBackend {
    public func relu(_ input: Tensor) -> Tensor {
        let output = activation(input.shape)
        let (x, y) = (UnsafePointer(input.pointer), output.pointer)
        forEachVector(of: output) { index in y.store(x.vector(index, as: SIMD8<Float>.self).positivePart(), at: index) }
        return output
    }

    public func reluGradient(_ outputGradient: GradientSum, output: Tensor) -> Tensor {
        let gradient = outputGradient.first
        precondition(gradient.shape == output.shape, "a gradient of \(gradient.shape) for \(output.shape)")
        let (y, g) = (UnsafePointer(output.pointer), gradient.pointer)
        if let second = outputGradient.second {
            let other = UnsafePointer(second.pointer)
            forEachVector(of: gradient) { index in
                let sum = g.vector(index, as: SIMD8<Float>.self) + other.vector(index)
                g.store(sum.kept(where: y.vector(index)), at: index)
            }
        } else {
            forEachVector(of: gradient) { index in
                g.store(g.vector(index, as: SIMD8<Float>.self).kept(where: y.vector(index)), at: index)
            }
        }
        return gradient
    }

    public func total(_ gradient: GradientSum) -> Tensor {
        guard let second = gradient.second else { return gradient.first }
        let (g, other) = (gradient.first.pointer, UnsafePointer(second.pointer))
        forEachVector(of: gradient.first) { index in
            g.store(g.vector(index, as: SIMD8<Float>.self) + other.vector(index), at: index)
        }
        return gradient.first
    }

    public func add(_ a: FeatureMap, _ b: FeatureMap, relu: Bool, inPlace: Bool) -> Tensor {
        precondition(a.shape == b.shape, "adding \(a.shape) and \(b.shape)")
        let output = inPlace ? a.values : activation(a.shape)
        if block == 16 {
            add(a, b, relu, into: output, SIMD16<Float>.self)
        } else {
            add(a, b, relu, into: output, SIMD8<Float>.self)
        }
        return output
    }

    private func add<V: LaneVector>(_ a: FeatureMap, _ b: FeatureMap, _ relu: Bool, into output: Tensor, _: V.Type) {
        let (left, right, y) = (BlockedMap<V>(a.values), BlockedMap<V>(b.values), BlockedMap<V>(output))
        let (leftLine, rightLine) = (Line<V>(a, left), Line<V>(b, right))
        team.forEach(y.planes) { plane in
            let (first, second) = (UnsafePointer(left.plane(plane)), UnsafePointer(right.plane(plane)))
            let (destination, block) = (y.plane(plane), plane % y.blocks)
            let (leftSlope, leftIntercept) = (leftLine.slope[block], leftLine.intercept[block])
            let (rightSlope, rightIntercept) = (rightLine.slope[block], rightLine.intercept[block])
            for p in 0..<y.positions {
                let sum =
                    (first.vector(p) * leftSlope + leftIntercept) + (second.vector(p) * rightSlope + rightIntercept)
                destination.store(relu ? sum.positivePart() : sum, at: p)
            }
        }
    }

    /// Calls `body` with every index of an 8-Float vector; a blocked activation is a multiple of that long.
    @inline(__always)
    private func forEachVector(of tensor: Tensor, _ body: (Int) -> Void) {
        team.forEachShare(tensor.storageCount / SIMD8<Float>.lanes) { share in
            for index in share { body(index) }
        }
    }
}
