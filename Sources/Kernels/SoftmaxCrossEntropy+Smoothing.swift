import Tensors

/// Label smoothing (Szegedy et al. 2016): cross-entropy with targets (1 - ε)·t + ε/K.
extension SoftmaxCrossEntropy {
    /// Each row's loss, from its loss without smoothing: (1 - ε)·ℓ + ε·(log Σ_k exp(z_k) - mean_k z_k).
    public static func smoothed(_ losses: [Double], logits: Tensor, smoothing: Double) -> [Double] {
        guard smoothing > 0, logits.shape.elementCount > 0 else { return losses }
        let classes = logits.shape[1]
        let ofFirst = self.losses(logits, labels: [Int32](repeating: 0, count: losses.count))
        return logits.withUnsafeBufferPointer { z in
            losses.indices.map { n in
                let row = z[n * classes..<(n + 1) * classes]
                let logNormalizer = ofFirst[n] + Double(z[n * classes])
                let mean = row.reduce(0) { $0 + Double($1) } / Double(classes)
                return (1 - smoothing) * losses[n] + smoothing * (logNormalizer - mean)
            }
        }
    }

    /// Turns the gradient of scale · Σ losses without smoothing into that with it, in place.
    public static func smooth(_ gradient: Tensor, logits: Tensor, smoothing: Double, scale: Double) {
        guard smoothing > 0 else { return }
        let share = 1 / Double(logits.shape[1])
        gradient.withUnsafeMutableBufferPointer { gradient in
            for (n, row) in probabilities(logits).enumerated() {
                for (k, probability) in row.enumerated() {
                    let place = n * row.count + k
                    let uniform = scale * (probability - share)
                    gradient[place] = Float((1 - smoothing) * Double(gradient[place]) + smoothing * uniform)
                }
            }
        }
    }
}
