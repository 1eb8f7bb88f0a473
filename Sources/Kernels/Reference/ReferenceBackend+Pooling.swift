import Tensors

/// For each output of a max pooling, where in its input plane the maximum is.
private struct MaximumPositions: PoolingTrace {
    let inputShape: Shape
    let outputShape: Shape
    /// Row · W + column, one an output element.
    let positions: [Int32]
}

extension ReferenceBackend {
    public func maxPool(
        _ input: Tensor, _ geometry: PoolingGeometry, training: Bool
    ) -> (output: Tensor, trace: PoolingTrace?) {
        requireRowMajor(input)
        let shape = input.shape
        precondition(
            min(shape.height, shape.width) + 2 * geometry.padding >= geometry.kernel,
            "an input of \(shape) is smaller than a pooling window of \(geometry.kernel)")
        let outputShape = geometry.outputShape(for: shape)
        let output = makeTensor(outputShape)
        var positions = [Int32](repeating: 0, count: training ? outputShape.elementCount : 0)
        withExtendedLifetime((input, output)) {
            var next = 0
            forEachPlane(of: shape) { _, offset in
                let x = input.pointer + offset
                for i in 0..<outputShape.height {
                    let rows = geometry.window(i, size: shape.height)
                    for j in 0..<outputShape.width {
                        let columns = geometry.window(j, size: shape.width)
                        var best = rows.lowerBound * shape.width + columns.lowerBound
                        for row in rows {
                            for column in columns where x[row * shape.width + column] > x[best] {
                                best = row * shape.width + column
                            }
                        }
                        output.pointer[next] = x[best]
                        if training { positions[next] = Int32(best) }
                        next += 1
                    }
                }
            }
        }
        let trace = MaximumPositions(inputShape: shape, outputShape: outputShape, positions: positions)
        return (output, training ? trace : nil)
    }

    public func maxPoolGradient(_ outputGradient: Tensor, trace: PoolingTrace) -> Tensor {
        guard let trace = trace as? MaximumPositions else {
            preconditionFailure("the pooling's trace was made by another backend: \(type(of: trace))")
        }
        requireRowMajor(outputGradient)
        require(outputGradient, hasShape: trace.outputShape, "the output gradient")
        let inputGradient = makeZeros(trace.inputShape)
        withExtendedLifetime((outputGradient, inputGradient)) {
            var next = 0
            forEachPlane(of: trace.inputShape) { _, offset in
                let plane = inputGradient.pointer + offset
                for _ in 0..<trace.outputShape.positions {
                    plane[Int(trace.positions[next])] += outputGradient.pointer[next]
                    next += 1
                }
            }
        }
        return inputGradient
    }

    public func globalAveragePool(_ input: Tensor) -> Tensor {
        requireRowMajor(input)
        let positions = input.shape.positions
        let output = makeTensor([input.shape.batch, input.shape.channels])
        withExtendedLifetime((input, output)) {
            forEachPlane(of: input.shape) { _, offset in
                let x = input.pointer + offset
                var sum = 0.0
                for p in 0..<positions { sum += Double(x[p]) }
                output.pointer[offset / positions] = Float(sum / Double(positions))
            }
        }
        return output
    }

    public func globalAveragePoolGradient(_ outputGradient: Tensor, inputShape: Shape) -> Tensor {
        requireRowMajor(outputGradient)
        require(outputGradient, hasShape: [inputShape.batch, inputShape.channels], "the output gradient")
        let positions = inputShape.positions
        let inputGradient = makeTensor(inputShape)
        withExtendedLifetime((outputGradient, inputGradient)) {
            forEachPlane(of: inputShape) { _, offset in
                let share = outputGradient.pointer[offset / positions] / Float(positions)
                (inputGradient.pointer + offset).update(repeating: share, count: positions)
            }
        }
        return inputGradient
    }
}

extension PoolingGeometry {
    /// The part of window `index` that lies inside a side of `size`.
    fileprivate func window(_ index: Int, size: Int) -> Range<Int> {
        let start = index * stride - padding
        return max(start, 0)..<min(start + kernel, size)
    }
}
