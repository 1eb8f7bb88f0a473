import Tensors

extension AcceleratedBackend {
    public func batchNormSums(_ input: Tensor) -> ChannelSums {
        block == 16 ? sums(input, SIMD16<Float>.self) : sums(input, SIMD8<Float>.self)
    }

    public func batchNorm(_ input: Tensor, _ normalization: Normalization, relu: Bool, inPlace: Bool) -> Tensor {
        let output = inPlace ? input : activation(input.shape)
        if block == 16 {
            normalize(input, normalization, relu, into: output, SIMD16<Float>.self)
        } else {
            normalize(input, normalization, relu, into: output, SIMD8<Float>.self)
        }
        return output
    }

    public func batchNormGradientSums(
        _ outputGradient: Tensor, input: Tensor, _ normalization: Normalization, relu: Bool
    ) -> ChannelSums {
        block == 16
            ? gradientSums(outputGradient, input, normalization, relu, SIMD16<Float>.self)
            : gradientSums(outputGradient, input, normalization, relu, SIMD8<Float>.self)
    }

    public func batchNormInputGradient(
        _ outputGradient: Tensor, input: Tensor, _ normalization: Normalization, relu: Bool, sums: ChannelSums,
        count: Double, inPlace: Bool
    ) -> Tensor {
        let inputGradient = inPlace ? outputGradient : activation(input.shape)
        if block == 16 {
            inputGradientOf(
                outputGradient, input, normalization, relu, sums, count, into: inputGradient, SIMD16<Float>.self)
        } else {
            inputGradientOf(
                outputGradient, input, normalization, relu, sums, count, into: inputGradient, SIMD8<Float>.self)
        }
        return inputGradient
    }

    // MARK: Kernels

    private func sums<V: LaneVector>(_ input: Tensor, _: V.Type) -> ChannelSums {
        let x = BlockedMap<V>(input)
        return planeSums(x) { plane, sums in
            let values = UnsafePointer(x.plane(plane))
            guard x.positions > 0 else { return }
            // Deviations from the plane's first position: Σx² - (Σx)²/m keeps its digits even where the mean is much
            // larger than the deviation.
            let origin: V = values.vector(0)
            @inline(__always) func terms(_ position: Int) -> (V, V) {
                let deviation = values.vector(position) - origin
                return (deviation, deviation * deviation)
            }
            sums.accumulate(x.positions, terms)
            let (k, m) = (origin.widened, SIMD16<Double>(repeating: Double(x.positions)))
            sums.second += 2 * k * sums.first + m * k * k
            sums.first += m * k
        }
    }

    private func normalize<V: LaneVector>(
        _ input: Tensor, _ normalization: Normalization, _ relu: Bool, into output: Tensor, _: V.Type
    ) {
        let (x, y) = (BlockedMap<V>(input), BlockedMap<V>(output))
        let line = Line<V>(normalization, x)
        team.forEach(x.planes) { plane in
            let (source, destination) = (UnsafePointer(x.plane(plane)), y.plane(plane))
            let (a, b) = (line.slope[plane % x.blocks], line.intercept[plane % x.blocks])
            if relu {
                for p in 0..<x.positions { destination.store((source.vector(p) * a + b).positivePart(), at: p) }
            } else {
                for p in 0..<x.positions { destination.store(source.vector(p) * a + b, at: p) }
            }
        }
    }

    private func gradientSums<V: LaneVector>(
        _ outputGradient: Tensor, _ input: Tensor, _ normalization: Normalization, _ relu: Bool, _: V.Type
    ) -> ChannelSums {
        let (g, x) = (BlockedMap<V>(outputGradient), BlockedMap<V>(input))
        let line = Line<V>(normalization, x)
        let standardization = Standardization<V>(normalization, x)
        return planeSums(x) { plane, sums in
            let (gradient, values) = (UnsafePointer(g.plane(plane)), UnsafePointer(x.plane(plane)))
            let block = plane % x.blocks
            let (a, b, standardized) = (line.slope[block], line.intercept[block], standardization[block])
            @inline(__always) func terms(_ position: Int, _ kept: V, _ value: V) -> (V, V) {
                (kept, kept * standardized(value))
            }
            @inline(__always) func masked(_ position: Int) -> (V, V) {
                let value: V = values.vector(position)
                return terms(position, gradient.vector(position, as: V.self).kept(where: value * a + b), value)
            }
            @inline(__always) func whole(_ position: Int) -> (V, V) {
                terms(position, gradient.vector(position), values.vector(position))
            }
            if relu { sums.accumulate(x.positions, masked) } else { sums.accumulate(x.positions, whole) }
        }
    }

    private func inputGradientOf<V: LaneVector>(
        _ outputGradient: Tensor, _ input: Tensor, _ normalization: Normalization, _ relu: Bool, _ sums: ChannelSums,
        _ count: Double, into inputGradient: Tensor, _: V.Type
    ) {
        let (g, x, d) = (BlockedMap<V>(outputGradient), BlockedMap<V>(input), BlockedMap<V>(inputGradient))
        let line = Line<V>(normalization, x)
        let backward = NormBackward<V>(normalization, sums, count, x)
        team.forEach(x.planes) { plane in
            let (gradient, values) = (UnsafePointer(g.plane(plane)), UnsafePointer(x.plane(plane)))
            let destination = d.plane(plane)
            let block = plane % x.blocks
            let (a, b, inputGradient) = (line.slope[block], line.intercept[block], backward[block])
            if relu {
                for p in 0..<x.positions {
                    let value: V = values.vector(p)
                    let kept = gradient.vector(p, as: V.self).kept(where: value * a + b)
                    destination.store(inputGradient(kept, value), at: p)
                }
            } else {
                for p in 0..<x.positions {
                    destination.store(inputGradient(gradient.vector(p), values.vector(p)), at: p)
                }
            }
        }
    }

    /// Sums each plane on one thread.
    private func planeSums<V: LaneVector>(
        _ map: BlockedMap<V>, _ body: (Int, inout PlaneSums<V>) -> Void
    ) -> ChannelSums {
        PartialSums.total(map) { partial in
            team.forEach(map.planes) { plane in
                var sums = PlaneSums<V>()
                body(plane, &sums)
                partial.set(sums, plane: plane)
            }
        }
    }
}
