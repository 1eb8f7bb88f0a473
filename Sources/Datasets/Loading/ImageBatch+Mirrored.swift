import Tensors

extension ImageBatch {
    /// The images with left and right exchanged.
    public func mirroredImages(pool: StoragePool? = nil) -> Tensor {
        let mirrored = Tensor(images.shape, pool: pool)
        let width = images.shape.width
        images.withUnsafeBufferPointer { source in
            mirrored.withUnsafeMutableBufferPointer { destination in
                for row in stride(from: 0, to: source.count, by: max(1, width)) {
                    for x in 0..<width { destination[row + x] = source[row + width - 1 - x] }
                }
            }
        }
        return mirrored
    }
}
