import Tensors

extension ReferenceBackend {
    public func batchNormSums(_ input: Tensor) -> ChannelSums {
        requireRowMajor(input)
        var sums = ChannelSums(channels: input.shape.channels)
        withExtendedLifetime(input) {
            forEachPlane(of: input.shape) { c, offset in
                let x = input.pointer + offset
                var (sum, squares) = (0.0, 0.0)
                for p in 0..<input.shape.positions {
                    let value = Double(x[p])
                    sum += value
                    squares += value * value
                }
                sums.first[c] += sum
                sums.second[c] += squares
            }
        }
        return sums
    }

    public func batchNorm(_ input: Tensor, _ normalization: Normalization, relu: Bool, inPlace: Bool) -> Tensor {
        requireRowMajor(input)
        let affine = ChannelAffine(normalization, channels: input.shape.channels)
        let output = inPlace ? input : makeTensor(input.shape)
        withExtendedLifetime((input, output)) {
            forEachPlane(of: input.shape) { c, offset in
                let (x, y) = (input.pointer + offset, output.pointer + offset)
                let (a, b) = (affine.factor[c], affine.offset[c])
                for p in 0..<input.shape.positions {
                    let value = a * x[p] + b
                    y[p] = relu ? rectified(value) : value
                }
            }
        }
        return output
    }

    /// The stored map itself, or a new one.
    func features(_ map: FeatureMap) -> Tensor {
        map.normalization.map { batchNorm(map.values, $0, relu: false, inPlace: false) } ?? map.values
    }

    public func batchNormGradientSums(
        _ outputGradient: Tensor, input: Tensor, _ normalization: Normalization, relu: Bool
    ) -> ChannelSums {
        requireRowMajor(outputGradient, input)
        require(outputGradient, hasShape: input.shape, "the output gradient")
        let affine = ChannelAffine(normalization, channels: input.shape.channels)
        var sums = ChannelSums(channels: input.shape.channels)
        withExtendedLifetime((outputGradient, input)) {
            forEachPlane(of: input.shape) { c, offset in
                let (x, gradient) = (input.pointer + offset, outputGradient.pointer + offset)
                let (a, b) = (affine.factor[c], affine.offset[c])
                let mean = Double(normalization.mean[c])
                var (sum, centredSum) = (0.0, 0.0)
                for p in 0..<input.shape.positions where !relu || a * x[p] + b > 0 {
                    let g = Double(gradient[p])
                    sum += g
                    centredSum += g * (Double(x[p]) - mean)
                }
                sums.first[c] += sum
                sums.second[c] += centredSum * Double(normalization.inverseDeviation[c])
            }
        }
        return sums
    }

    public func batchNormInputGradient(
        _ outputGradient: Tensor, input: Tensor, _ normalization: Normalization, relu: Bool, sums: ChannelSums,
        count: Double, inPlace: Bool
    ) -> Tensor {
        requireRowMajor(outputGradient, input)
        require(outputGradient, hasShape: input.shape, "the output gradient")
        precondition(sums.first.count == input.shape.channels, "the sums are not one a channel of \(input.shape)")
        let affine = ChannelAffine(normalization, channels: input.shape.channels)
        let inputGradient = inPlace ? outputGradient : makeTensor(input.shape)
        withExtendedLifetime((outputGradient, input, inputGradient)) {
            forEachPlane(of: input.shape) { c, offset in
                let (x, gradient) = (input.pointer + offset, outputGradient.pointer + offset)
                let result = inputGradient.pointer + offset
                let (a, b) = (affine.factor[c], affine.offset[c])
                let mean = normalization.mean[c]
                let meanGradient = Float(sums.first[c] / count)
                // (x - mean) times this is x̂·Σgx̂/m.
                let slope = Float(sums.second[c] / count * Double(normalization.inverseDeviation[c]))
                for p in 0..<input.shape.positions {
                    let g = !relu || a * x[p] + b > 0 ? gradient[p] : 0
                    result[p] = a * (g - meanGradient - (x[p] - mean) * slope)
                }
            }
        }
        return inputGradient
    }
}

/// Normalisation as y = a·x + b per channel. Forward and backward share it, so that they agree on the sign of y.
private struct ChannelAffine {
    /// a = γ·inverseDeviation
    let factor: [Float]
    /// b = β - mean·a
    let offset: [Float]

    init(_ normalization: Normalization, channels: Int) {
        precondition(
            normalization.mean.count == channels,
            "a normalisation of \(normalization.mean.count) channels was given \(channels)")
        let factor = zip(normalization.scale.elements, normalization.inverseDeviation).map { $0 * $1 }
        self.factor = factor
        offset = zip(normalization.shift.elements, zip(normalization.mean, factor)).map { $0 - $1.0 * $1.1 }
    }
}

extension ChannelSums {
    fileprivate init(channels: Int) {
        self.init(first: Array(repeating: 0, count: channels), second: Array(repeating: 0, count: channels))
    }
}
