import Foundation
import Tensors

/// Softmax cross-entropy: ℓ_n = log Σ_k exp(z_nk) - z_n,label, in double precision for any backend.
public enum SoftmaxCrossEntropy {
    /// Softmax of each row of `logits` (N, K), row-major.
    public static func probabilities(_ logits: Tensor) -> [[Double]] {
        logits.withUnsafeBufferPointer { values in
            rows(of: logits.shape).map { row in softmax(values[row]).probabilities }
        }
    }

    /// Each row's loss ℓ_n. `logits` is (N, K), row-major; labels lie in 0 ..< K.
    public static func losses(_ logits: Tensor, labels: [Int32]) -> [Double] {
        precondition(labels.count == logits.shape[0], "\(labels.count) labels for logits of \(logits.shape)")
        return logits.withUnsafeBufferPointer { values in
            zip(rows(of: logits.shape), labels).map { row, label in
                softmax(values[row]).logNormalizer - Double(values[row.lowerBound + Int(label)])
            }
        }
    }

    /// d(scale · Σ_n ℓ_n)/dz = scale · (softmax(z) - onehot(label)), shape (N, K).
    public static func gradient(_ logits: Tensor, labels: [Int32], scale: Double, pool: StoragePool? = nil) -> Tensor {
        precondition(labels.count == logits.shape[0], "\(labels.count) labels for logits of \(logits.shape)")
        let gradient = Tensor(logits.shape, pool: pool)
        logits.withUnsafeBufferPointer { values in
            gradient.withUnsafeMutableBufferPointer { result in
                for (row, label) in zip(rows(of: logits.shape), labels) {
                    for (index, probability) in softmax(values[row]).probabilities.enumerated() {
                        let target: Double = index == Int(label) ? 1 : 0
                        result[row.lowerBound + index] = Float(scale * (probability - target))
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
