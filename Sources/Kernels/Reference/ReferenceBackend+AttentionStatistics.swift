import Tensors

extension ReferenceBackend {
    public func attentionStatistics(_ input: FeatureMap, training: Bool) -> AttentionStatistics {
        let input = features(input)
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
            positionArgument: positionArgument)
    }
}
