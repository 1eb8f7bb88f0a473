import Tensors

extension ReferenceBackend {
    public func attentionStatistics(
        _ input: FeatureMap, scaledBy channelMap: Tensor?, training: Bool
    ) -> AttentionStatistics {
        let input = scaled(features(input), by: channelMap)
        requireRowMajor(input)
        let shape = input.shape
        let channelMaximum = makeTensor([shape.batch, shape.channels])
        var channelArgument = [Int32](repeating: 0, count: shape.batch * shape.channels)
        let positionMaps = makeTensor([shape.batch, 2, shape.height, shape.width])
        var positionArgument = [Int32](repeating: 0, count: shape.batch * shape.positions)
        var sums = [Double](repeating: 0, count: shape.positions)
        withExtendedLifetime((input, channelMaximum, positionMaps)) {
            for n in 0..<shape.batch {
                let image = input.pointer + n * shape.channels * shape.positions
                let means = positionMaps.pointer + n * 2 * shape.positions
                let maxima = means + shape.positions
                for p in 0..<shape.positions {
                    sums[p] = 0
                    maxima[p] = image[p]
                }
                for c in 0..<shape.channels {
                    let x = image + c * shape.positions
                    var best = 0
                    for p in 0..<shape.positions {
                        let value = x[p]
                        if value > x[best] { best = p }
                        if value > maxima[p] {
                            maxima[p] = value
                            positionArgument[n * shape.positions + p] = Int32(c)
                        }
                        sums[p] += Double(value)
                    }
                    channelMaximum.pointer[n * shape.channels + c] = x[best]
                    channelArgument[n * shape.channels + c] = Int32(best)
                }
                for p in 0..<shape.positions { means[p] = Float(sums[p] / Double(shape.channels)) }
            }
        }
        return AttentionStatistics(
            channelMaximum: channelMaximum, channelArgument: channelArgument, positionMaps: positionMaps,
            positionArgument: positionArgument, channelMap: channelMap)
    }

    public func attentionScaleGradient(
        _ positionMaps: Tensor, of statistics: AttentionStatistics, input: FeatureMap
    ) -> Tensor {
        let input = features(input)
        requireRowMajor(input, positionMaps)
        let (channels, positions) = (input.shape.channels, input.shape.positions)
        let gradient = makeTensor([input.shape.batch, channels])
        withExtendedLifetime((input, positionMaps, gradient)) {
            for n in 0..<input.shape.batch {
                let ofMean = positionMaps.pointer + 2 * n * positions
                let ofMaximum = ofMean + positions
                for c in 0..<channels {
                    let x = input.pointer + (n * channels + c) * positions
                    var sum = 0.0
                    for p in 0..<positions {
                        sum += Double(x[p]) * Double(ofMean[p]) / Double(channels)
                        if Int(statistics.positionArgument[n * positions + p]) == c {
                            sum += Double(x[p]) * Double(ofMaximum[p])
                        }
                    }
                    gradient.pointer[n * channels + c] = Float(sum)
                }
            }
        }
        return gradient
    }

    /// x·Mc, a new map, or x if there is no Mc.
    private func scaled(_ x: Tensor, by channelMap: Tensor?) -> Tensor {
        guard let channelMap else { return x }
        requireRowMajor(x, channelMap)
        require(channelMap, hasShape: [x.shape.batch, x.shape.channels], "the channel map")
        let positions = x.shape.positions
        let result = makeTensor(x.shape)
        withExtendedLifetime((x, channelMap, result)) {
            for i in 0..<x.storageCount { result.pointer[i] = x.pointer[i] * channelMap.pointer[i / positions] }
        }
        return result
    }
}
