import Kernels
import Models
import Tensors

/// What a step makes of gradients: those of earlier batches are added, the sum is clipped, the optimizer moves the
/// parameters, and their average follows.
///
/// Used by one thread at a time.
public final class ParameterUpdate: @unchecked Sendable {
    let optimizer: SGD
    private let average: WeightAverage?
    /// The greatest norm of all gradients together; nil for no limit.
    private let clipNorm: Double?
    /// The sum of earlier batches' gradients, from the first one on.
    private var accumulated: Tensor?
    private var hasAccumulated = false
    /// Whether this step's norms are wanted, which changes nothing else.
    var measuresNorms = false
    /// Σ x² of what has moved in this step.
    private var squares = (weights: 0.0, gradients: 0.0)

    /// An update by the optimizer, which the average follows; gradients whose norm is above `clipNorm` are scaled down
    /// to it.
    public init(_ optimizer: SGD, average: WeightAverage? = nil, clipNorm: Double? = nil) {
        self.optimizer = optimizer
        self.average = average
        self.clipNorm = clipNorm
    }

    /// Whether no parameter can move before all gradients are summed over the ranks.
    var needsAllGradients: Bool { clipNorm != nil }

    /// Keeps the arena's gradients for the next step.
    func accumulate() {
        let gradients = optimizer.arena.gradients
        let sum = accumulated ?? .zeros([gradients.storageCount])
        accumulated = sum
        if !hasAccumulated { sum.zero() }
        ElementSums.add(gradients, to: sum, in: 0..<gradients.storageCount)
        hasAccumulated = true
    }

    /// Adds the earlier batches' gradients to this rank's of the last one.
    func addAccumulated(in range: Range<Int>) {
        guard hasAccumulated, let accumulated else { return }
        ElementSums.add(accumulated, to: optimizer.arena.gradients, in: range)
    }

    /// What the summed gradients are multiplied by so that their norm is at most `clipNorm`, as PyTorch's
    /// `clip_grad_norm_` does. The same on all ranks, as the sums are.
    var clippingScale: Double {
        guard let clipNorm else { return 1 }
        return min(1, clipNorm / (optimizer.gradientNorm + 1e-6))
    }

    func move(learningRate: Double, gradientScale: Double = 1, in range: Range<Int>) {
        if measuresNorms { squares.gradients += optimizer.gradientSquares(in: range) }
        optimizer.step(learningRate: learningRate, gradientScale: gradientScale, in: range)
        if measuresNorms { squares.weights += ElementSums.squares(of: optimizer.arena.values, in: range) }
        average?.update(in: range)
    }

    /// - Returns: the norms, if they were wanted.
    func finishStep() -> StepNorms? {
        hasAccumulated = false
        average?.finishStep()
        guard measuresNorms else { return nil }
        defer { squares = (0, 0) }
        return StepNorms(weights: squares.weights.squareRoot(), gradients: squares.gradients.squareRoot())
    }
}
