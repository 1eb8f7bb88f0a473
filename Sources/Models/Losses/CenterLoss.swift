import Tensors

/// Centre loss (Wen et al. 2016): ½·|x - c_y|² for pooled features x (N, C) of label y. The centres c (K, C) start at
/// zero and move after each step: c_k -= α·Σ(c_k - x)/(1 + n_k) over the n_k images of class k in the global batch.
public final class CenterLoss {
    /// (K, C), row-major.
    public let centers: Tensor
    /// α
    public let rate: Double
    /// Of this step and rank: Σ(c_k - x), (K, C), then n_k, (K).
    private var moves: [Double]

    /// Centres at zero.
    /// - Parameters:
    ///   - classes: K.
    ///   - channels: C.
    ///   - rate: α.
    public init(classes: Int, channels: Int, rate: Double = 0.5) {
        centers = .zeros([classes, channels])
        self.rate = rate
        moves = [Double](repeating: 0, count: classes * channels + classes)
    }

    /// Each image's loss, and d(scale · Σ losses)/dx. Remembers the images for `move`.
    public func evaluate(
        _ pooled: Tensor, labels: [Int32], scale: Double, pool: StoragePool? = nil
    ) -> (losses: [Double], gradient: Tensor) {
        let (classes, channels) = (centers.shape[0], centers.shape[1])
        precondition(
            pooled.shape == [labels.count, channels], "\(labels.count) labels for features of \(pooled.shape)")
        let gradient = Tensor(pooled.shape, pool: pool)
        var losses: [Double] = []
        pooled.withUnsafeBufferPointer { x in
            centers.withUnsafeBufferPointer { centers in
                gradient.withUnsafeMutableBufferPointer { gradient in
                    for (n, label) in labels.enumerated() {
                        var squares = 0.0
                        for c in 0..<channels {
                            let place = Int(label) * channels + c
                            let difference = Double(x[n * channels + c]) - Double(centers[place])
                            squares += difference * difference
                            gradient[n * channels + c] = Float(scale * difference)
                            moves[place] -= difference
                        }
                        moves[classes * channels + Int(label)] += 1
                        losses.append(squares / 2)
                    }
                }
            }
        }
        return (losses, gradient)
    }

    /// Moves the centres by all images since the last move.
    /// - Parameter reduction: sums over the ranks; nil for one rank.
    /// - Throws: what `reduction` throws.
    public func move(_ reduction: StatisticsReduction?) throws {
        try reduction?(&moves)
        let (classes, channels) = (centers.shape[0], centers.shape[1])
        centers.withUnsafeMutableBufferPointer { centers in
            for k in 0..<classes where moves[classes * channels + k] > 0 {
                let factor = rate / (1 + moves[classes * channels + k])
                for place in k * channels..<(k + 1) * channels {
                    centers[place] = Float(Double(centers[place]) - factor * moves[place])
                }
            }
        }
        for index in moves.indices { moves[index] = 0 }
    }
}
