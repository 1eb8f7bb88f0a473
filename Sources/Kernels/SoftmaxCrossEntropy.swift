import Foundation
import Tensors

/// What an image is to be taken for: `label` with `weight`, `other` with the rest of 1.
public struct ClassTarget: Hashable, Sendable {
    /// The image's own class.
    public let label: Int32
    /// The class of the image that it was mixed with; `label` if it was not.
    public let other: Int32
    /// From 0 to 1.
    public let weight: Double

    /// Two classes that share the weight 1.
    public init(_ label: Int32, other: Int32, weight: Double) {
        self.label = label
        self.other = other
        self.weight = weight
    }

    /// One class alone.
    public init(_ label: Int32) {
        self.init(label, other: label, weight: 1)
    }
}

/// Softmax cross-entropy: ℓ_n = log Σ_k exp(z_nk) - Σ_k t_nk·z_nk, in double precision for any backend. The targets t_n are 1 at
/// the label, or its weight there and the rest at the other one; smoothed by ε (Szegedy et al. 2016), (1 - ε)·t_n + ε/K.
public enum SoftmaxCrossEntropy {
    /// Softmax of each row of `logits` (N, K), row-major.
    public static func probabilities(_ logits: Tensor) -> [[Double]] {
        logits.withUnsafeBufferPointer { values in
            rows(of: logits.shape).map { row in softmax(values[row]).probabilities }
        }
    }

    /// Each row's loss ℓ_n. `logits` is (N, K), row-major; labels lie in 0 ..< K.
    public static func losses(_ logits: Tensor, labels: [Int32]) -> [Double] {
        losses(logits, targets: labels.map { ClassTarget($0) })
    }

    /// Each row's loss ℓ_n.
    public static func losses(_ logits: Tensor, targets: [ClassTarget], smoothing: Double = 0) -> [Double] {
        precondition(targets.count == logits.shape[0], "\(targets.count) labels for logits of \(logits.shape)")
        return logits.withUnsafeBufferPointer { values in
            zip(rows(of: logits.shape), targets).map { row, target in
                func logit(_ label: Int32) -> Double { Double(values[row.lowerBound + Int(label)]) }
                let aimed = target.weight * logit(target.label) + (1 - target.weight) * logit(target.other)
                let mean = smoothing > 0 ? values[row].reduce(0) { $0 + Double($1) } / Double(row.count) : 0
                return softmax(values[row]).logNormalizer - (1 - smoothing) * aimed - smoothing * mean
            }
        }
    }

    /// d(scale · Σ_n ℓ_n)/dz = scale · (softmax(z) - onehot(label)), shape (N, K).
    public static func gradient(_ logits: Tensor, labels: [Int32], scale: Double, pool: StoragePool? = nil) -> Tensor {
        gradient(logits, targets: labels.map { ClassTarget($0) }, scale: scale, pool: pool)
    }

    /// d(scale · Σ_n ℓ_n)/dz = scale · (softmax(z) - t), shape (N, K).
    public static func gradient(
        _ logits: Tensor, targets: [ClassTarget], smoothing: Double = 0, scale: Double, pool: StoragePool? = nil
    ) -> Tensor {
        precondition(targets.count == logits.shape[0], "\(targets.count) labels for logits of \(logits.shape)")
        let gradient = Tensor(logits.shape, pool: pool)
        let uniform = smoothing / Double(logits.shape[1])
        logits.withUnsafeBufferPointer { values in
            gradient.withUnsafeMutableBufferPointer { result in
                for (row, target) in zip(rows(of: logits.shape), targets) {
                    for (index, probability) in softmax(values[row]).probabilities.enumerated() {
                        let aimed =
                            (index == Int(target.label) ? target.weight : 0)
                            + (index == Int(target.other) ? 1 - target.weight : 0)
                        let smoothed = (1 - smoothing) * aimed + uniform
                        result[row.lowerBound + index] = Float(scale * (probability - smoothed))
                    }
                }
            }
        }
        return gradient
    }

    private static func rows(of shape: Shape) -> [Range<Int>] {
        (0..<shape[0]).map { $0 * shape[1]..<($0 + 1) * shape[1] }
    }

    private static func softmax(
        _ row: Slice<UnsafeBufferPointer<Float>>
    ) -> (probabilities: [Double], logNormalizer: Double) {
        let maximum = Double(row.max() ?? 0)
        let exponentials = row.map { exp(Double($0) - maximum) }
        let sum = exponentials.reduce(0, +)
        return (exponentials.map { $0 / sum }, maximum + log(sum))
    }
}
