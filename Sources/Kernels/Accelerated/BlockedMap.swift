import Tensors

/// The planes of a channel-blocked activation: plane (n, b) holds all positions of V.lanes channels of image n.
struct BlockedMap<V: LaneVector> {
    let base: UnsafeMutablePointer<Float>
    let batch: Int
    let blocks: Int
    let channels: Int
    let positions: Int

    /// - Precondition: the tensor's channel block is V.lanes.
    init(_ tensor: Tensor) {
        precondition(
            tensor.layout == .channelBlocked(V.lanes), "a blocked activation was expected, not \(tensor.layout)")
        base = tensor.pointer
        batch = tensor.shape.batch
        channels = tensor.shape.channels
        blocks = (channels + V.lanes - 1) / V.lanes
        positions = tensor.shape.positions
    }

    var planes: Int { batch * blocks }

    @inline(__always) func plane(_ index: Int) -> UnsafeMutablePointer<Float> {
        base + index * positions * V.lanes
    }

    @inline(__always) func plane(_ n: Int, _ block: Int) -> UnsafeMutablePointer<Float> {
        plane(n * blocks + block)
    }

    /// One value a channel as one vector a block; the lanes that pad the last block get `padding`.
    func vectors(_ values: (Int) -> Float, padding: Float = 0) -> [V] {
        (0..<blocks).map { block in
            var vector = V(repeating: padding)
            for lane in 0..<min(V.lanes, channels - block * V.lanes) { vector[lane] = values(block * V.lanes + lane) }
            return vector
        }
    }

    /// The channels of a block of image `n` in row-major (N, C) values, zero in padding lanes.
    @inline(__always)
    func vector(of values: UnsafePointer<Float>, _ n: Int, _ block: Int) -> V {
        var vector = V.zero
        let first = values + n * channels + block * V.lanes
        for lane in 0..<realLanes(block) { vector[lane] = first[lane] }
        return vector
    }

    /// The channels of a block that are not padding.
    func realLanes(_ block: Int) -> Int { min(V.lanes, channels - block * V.lanes) }
}
