import Tensors

extension ReferenceBackend {
    public func attend(
        _ input: FeatureMap, _ maps: AttentionMaps, shortcut: FeatureMap?, relu: Bool, inPlace: Bool
    ) -> Tensor {
        let output = inPlace ? input.values : makeTensor(input.shape)
        let (input, shortcut) = (features(input), shortcut.map(features))
        let (channelMap, positionMap, fusion) = (maps.channel, maps.position, maps.fusion)
        requireRowMajor(input, channelMap, positionMap, shortcut ?? input)
        requireMaps(channelMap, positionMap, of: input.shape)
        if let shortcut { require(shortcut, hasShape: input.shape, "the shortcut") }
        withExtendedLifetime((input, channelMap, positionMap, shortcut, output)) {
            forEachAttendedPlane(of: input.shape) { offset, channel, firstPosition in
                let (x, y) = (input.pointer + offset, output.pointer + offset)
                let positionWeights = positionMap.pointer + firstPosition
                let channelWeight = channelMap.pointer[channel]
                let residual = shortcut.map { $0.pointer + offset }
                for p in 0..<input.shape.positions {
                    var value = x[p] * fusion.weight(channelWeight, positionWeights[p])
                    if let residual { value += residual[p] }
                    y[p] = relu ? rectified(value) : value
                }
            }
        }
        return output
    }

    public func attendMapGradients(
        _ outputGradient: GradientSum, output: Tensor, input: FeatureMap, _ maps: AttentionMaps, relu: Bool
    ) -> (gradient: Tensor, channelMap: Tensor, positionMap: Tensor) {
        let (gradient, input) = (total(outputGradient), features(input))
        let (channelMap, positionMap, fusion) = (maps.channel, maps.position, maps.fusion)
        requireRowMajor(output, input, channelMap, positionMap)
        requireMaps(channelMap, positionMap, of: input.shape)
        require(output, hasShape: input.shape, "the output")
        require(gradient, hasShape: input.shape, "the output gradient")
        let channelGradient = makeTensor(channelMap.shape)
        let positionGradient = makeTensor(positionMap.shape)
        var positionSums = [Double](repeating: 0, count: positionMap.shape.elementCount)
        withExtendedLifetime((output, input, channelMap, positionMap, gradient, channelGradient)) {
            forEachAttendedPlane(of: input.shape) { offset, channel, firstPosition in
                let (x, y) = (input.pointer + offset, output.pointer + offset)
                let g = gradient.pointer + offset
                let positionWeights = positionMap.pointer + firstPosition
                let channelWeight = channelMap.pointer[channel]
                var channelSum = 0.0
                for p in 0..<input.shape.positions {
                    if relu, !(y[p] > 0) { g[p] = 0 }
                    let product = Double(g[p]) * Double(x[p])
                    switch fusion {
                    case .sum:
                        channelSum += product
                        positionSums[firstPosition + p] += product
                    case .product:
                        channelSum += product * Double(positionWeights[p])
                        positionSums[firstPosition + p] += product * Double(channelWeight)
                    }
                }
                channelGradient.pointer[channel] = Float(channelSum)
            }
        }
        positionGradient.copy(from: positionSums.map { Float($0) })
        return (gradient, channelGradient, positionGradient)
    }

    public func attendInputGradient(
        _ gradient: Tensor, _ maps: AttentionMaps, _ statistics: StatisticsGradient
    ) -> Tensor {
        let (channelMap, positionMap, fusion) = (maps.channel, maps.position, maps.fusion)
        requireRowMajor(gradient, channelMap, positionMap)
        let shape = gradient.shape
        requireMaps(channelMap, positionMap, of: shape)
        let inputGradient = makeTensor(shape)
        withExtendedLifetime((gradient, channelMap, positionMap, inputGradient)) {
            forEachAttendedPlane(of: shape) { offset, channel, firstPosition in
                let (g, result) = (gradient.pointer + offset, inputGradient.pointer + offset)
                let positionWeights = positionMap.pointer + firstPosition
                let channelWeight = channelMap.pointer[channel]
                for p in 0..<shape.positions { result[p] = g[p] * fusion.weight(channelWeight, positionWeights[p]) }
            }
        }
        if let mean = statistics.channelMean { addChannelMeanGradient(mean, to: inputGradient) }
        if let part = statistics.channelMaximum { addChannelMaximumGradient(part, to: inputGradient) }
        if let part = statistics.positionMaps { addPositionMapsGradient(part, to: inputGradient) }
        return inputGradient
    }

    public func attendNormGradientSums(
        _ gradient: Tensor, input: FeatureMap, _ maps: AttentionMaps, _ statistics: StatisticsGradient
    ) -> ChannelSums {
        batchNormGradientSums(
            attendInputGradient(gradient, maps, statistics), input: input.values, input.requiredNormalization,
            relu: false)
    }

    public func attendNormInputGradient(
        _ gradient: Tensor, input: FeatureMap, _ maps: AttentionMaps, _ statistics: StatisticsGradient,
        sums: ChannelSums, count: Double
    ) -> Tensor {
        batchNormInputGradient(
            attendInputGradient(gradient, maps, statistics), input: input.values, input.requiredNormalization,
            relu: false, sums: sums, count: count, inPlace: true)
    }

    private func requireMaps(_ channelMap: Tensor, _ positionMap: Tensor, of shape: Shape) {
        require(channelMap, hasShape: [shape.batch, shape.channels], "the channel map")
        require(positionMap, hasShape: [shape.batch, shape.positions], "the position map")
    }
}

extension AttentionFusion {
    /// What an element is multiplied by.
    @inline(__always)
    fileprivate func weight(_ channel: Float, _ position: Float) -> Float {
        switch self {
        case .sum: channel + position
        case .product: channel * position
        }
    }
}

/// Calls `body` for every plane of a row-major (N, C, H, W) tensor with its first element, its place in an (N, C) map
/// and its image's first place in an (N, H·W) map.
@inline(__always)
private func forEachAttendedPlane(
    of shape: Shape, _ body: (_ offset: Int, _ channel: Int, _ firstPosition: Int) -> Void
) {
    for n in 0..<shape.batch {
        for c in 0..<shape.channels {
            let channel = n * shape.channels + c
            body(channel * shape.positions, channel, n * shape.positions)
        }
    }
}
