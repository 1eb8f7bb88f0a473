import Tensors

// The backward of each statistic of a feature map, added to the map's gradient.

extension ReferenceBackend {
    /// Every position has its share of the mean.
    func addChannelMeanGradient(_ gradient: Tensor, to inputGradient: Tensor) {
        let shape = inputGradient.shape
        requireRowMajor(gradient)
        require(gradient, hasShape: [shape.batch, shape.channels], "the channel mean's gradient")
        withExtendedLifetime((gradient, inputGradient)) {
            for i in 0..<inputGradient.storageCount {
                inputGradient.pointer[i] += gradient.pointer[i / shape.positions] / Float(shape.positions)
            }
        }
    }

    /// The first position that had the maximum gets all.
    func addChannelMaximumGradient(_ part: StatisticsGradient.Part, to inputGradient: Tensor) {
        let shape = inputGradient.shape
        requireRowMajor(part.gradient)
        require(part.gradient, hasShape: [shape.batch, shape.channels], "the channel maximum's gradient")
        withExtendedLifetime((part.gradient, inputGradient)) {
            for channel in 0..<shape.batch * shape.channels {
                let position = Int(part.statistics.channelArgument[channel])
                inputGradient.pointer[channel * shape.positions + position] += part.gradient.pointer[channel]
            }
        }
    }

    /// Every channel has its share of the mean, the first that had the maximum gets its, both times Mc if the maps are
    /// of F·Mc.
    func addPositionMapsGradient(_ part: StatisticsGradient.Part, to inputGradient: Tensor) {
        let shape = inputGradient.shape
        requireRowMajor(part.gradient)
        require(
            part.gradient, hasShape: [shape.batch, 2, shape.height, shape.width], "the position maps' gradient")
        let channelMap = part.statistics.channelMap
        withExtendedLifetime((part.gradient, inputGradient, channelMap)) {
            for n in 0..<shape.batch {
                let ofMean = part.gradient.pointer + 2 * n * shape.positions
                let ofMaximum = ofMean + shape.positions
                for c in 0..<shape.channels {
                    let channel = n * shape.channels + c
                    let result = inputGradient.pointer + channel * shape.positions
                    let scale = channelMap?.pointer[channel] ?? 1
                    for p in 0..<shape.positions {
                        result[p] += ofMean[p] / Float(shape.channels) * scale
                        if Int(part.statistics.positionArgument[n * shape.positions + p]) == c {
                            result[p] += ofMaximum[p] * scale
                        }
                    }
                }
            }
        }
    }
}
