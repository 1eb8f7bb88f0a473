import Tensors

/// The sizes of a row-major (N, C, D, H, W) tensor: a batch of volumes, or of short films.
struct VolumeShape: Hashable {
    let batch: Int
    let channels: Int
    let depth: Int
    let height: Int
    let width: Int

    /// - Precondition: the shape has five dimensions, and none is zero but the batch.
    init(_ shape: Shape) {
        precondition(
            shape.rank == 5 && shape.dimensions.dropFirst().allSatisfy { $0 > 0 },
            "(N, C, D, H, W) was expected, not \(shape)")
        (batch, channels, depth) = (shape[0], shape[1], shape[2])
        (height, width) = (shape[3], shape[4])
    }

    /// H·W
    var plane: Int { height * width }
    /// D·H·W
    var volume: Int { depth * plane }
    /// N·C·D: planes in memory order.
    var planes: Int { batch * channels * depth }
    var shape: Shape { [batch, channels, depth, height, width] }
}
