extension Tensor {
    /// The logical elements in row-major order, without padding.
    /// - Precondition: the layout is not packed (only its backend can unpack it).
    public var elements: [Float] {
        [Float](unsafeUninitializedCapacity: shape.elementCount) { destination, count in
            withUnsafeBufferPointer { source in
                forEachPlacement { logical, stored in destination[logical] = source[stored] }
            }
            count = shape.elementCount
        }
    }

    /// Sets the logical elements from row-major `values`; padding is left alone.
    public func copy(from values: [Float]) {
        precondition(values.count == shape.elementCount, "\(values.count) values for a tensor of shape \(shape)")
        withUnsafeMutableBufferPointer { destination in
            forEachPlacement { logical, stored in destination[stored] = values[logical] }
        }
    }

    /// Calls `body` with each element's row-major index and its place in storage.
    private func forEachPlacement(_ body: (_ logical: Int, _ stored: Int) -> Void) {
        switch layout {
        case .rowMajor:
            for index in 0..<shape.elementCount { body(index, index) }
        case .channelBlocked(let block):
            let positions = shape.positions
            let blocks = (shape.channels + block - 1) / block
            for n in 0..<shape.batch {
                for c in 0..<shape.channels {
                    let logical = (n * shape.channels + c) * positions
                    let stored = (n * blocks + c / block) * positions * block + c % block
                    for p in 0..<positions { body(logical + p, stored + p * block) }
                }
            }
        case .packed(let packed):
            preconditionFailure("the elements of a packed layout (\(packed.identifier)) are its backend's to read")
        }
    }
}
