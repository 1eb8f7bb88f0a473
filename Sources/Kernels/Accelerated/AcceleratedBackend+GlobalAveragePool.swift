import Tensors

extension AcceleratedBackend {
    public func globalAveragePool(_ input: Tensor) -> Tensor {
        let output = Tensor([input.shape.batch, input.shape.channels], pool: pool)
        if block == 16 {
            average(input, into: output, SIMD16<Float>.self)
        } else {
            average(input, into: output, SIMD8<Float>.self)
        }
        return output
    }

    public func globalAveragePoolGradient(_ outputGradient: Tensor, inputShape: Shape) -> Tensor {
        let inputGradient = activation(inputShape)
        if block == 16 {
            spread(outputGradient, into: inputGradient, SIMD16<Float>.self)
        } else {
            spread(outputGradient, into: inputGradient, SIMD8<Float>.self)
        }
        return inputGradient
    }

    private func average<V: LaneVector>(_ input: Tensor, into output: Tensor, _: V.Type) {
        let x = BlockedMap<V>(input)
        let y = output.pointer
        let inverse = V(repeating: 1 / Float(x.positions))
        team.forEach(x.planes) { plane in
            let (n, block) = (plane / x.blocks, plane % x.blocks)
            let values = UnsafePointer(x.plane(plane))
            var sum = V.zero
            for p in 0..<x.positions { sum = sum + values.vector(p) }
            let mean = sum * inverse
            for lane in 0..<x.realLanes(block) { y[n * x.channels + block * V.lanes + lane] = mean[lane] }
        }
    }

    private func spread<V: LaneVector>(_ outputGradient: Tensor, into inputGradient: Tensor, _: V.Type) {
        let d = BlockedMap<V>(inputGradient)
        let g = outputGradient.pointer
        let inverse = 1 / Float(d.positions)
        team.forEach(d.planes) { plane in
            let (n, block) = (plane / d.blocks, plane % d.blocks)
            var share = V.zero
            for lane in 0..<d.realLanes(block) { share[lane] = g[n * d.channels + block * V.lanes + lane] * inverse }
            let destination = d.plane(plane)
            for p in 0..<d.positions { destination.store(share, at: p) }
        }
    }
}
