import Kernels
import Models
import Tensors

/// Stochastic gradient descent with momentum and weight decay, as PyTorch defines it, on a model's arena.
public final class SGD {
    /// The momentum buffer, in the arena's places.
    public let momenta: Tensor
    let arena: ParameterArena
    private let momentum: Double
    private let weightDecay: Double
    private let nesterov: Bool
    /// The Floats that move, ascending, without those of frozen layers.
    private let segments: [Segment]

    private struct Segment {
        var range: Range<Int>
        let decays: Bool
    }

    /// - Parameters:
    ///   - arena: the parameters, which are moved in place.
    ///   - momentum: what is kept of the step before.
    ///   - weightDecay: L2 penalty that is added to the gradient.
    ///   - nesterov: whether momentum is Nesterov's.
    ///   - decaysNorms: whether weight decay applies to parameters of one dimension too: batch norms' and biases.
    ///   - frozen: layers whose parameters and momenta stay as they are.
    public init(
        _ arena: ParameterArena, momentum: Double, weightDecay: Double, nesterov: Bool = false,
        decaysNorms: Bool = true, frozen: FrozenLayers = FrozenLayers()
    ) {
        self.arena = arena
        self.momentum = momentum
        self.weightDecay = weightDecay
        self.nesterov = nesterov
        momenta = .zeros([arena.count])
        var segments: [Segment] = []
        // The arena has the last parameter first.
        for (index, parameter) in arena.parameters.enumerated().reversed() where !frozen.contains(parameter.name) {
            let (range, decays) = (arena.range(of: index), decaysNorms || parameter.shape.rank > 1)
            if let last = segments.last, last.range.upperBound == range.lowerBound, last.decays == decays {
                segments[segments.count - 1].range = last.range.lowerBound..<range.upperBound
            } else {
                segments.append(Segment(range: range, decays: decays))
            }
        }
        self.segments = segments
    }

    /// Moves the parameters in a range of the arena by their gradients times `gradientScale`.
    public func step(learningRate: Double, gradientScale: Double = 1, in range: Range<Int>) {
        for segment in segments where segment.range.overlaps(range) {
            let update = MomentumUpdate(
                learningRate: Float(learningRate), momentum: Float(momentum),
                weightDecay: segment.decays ? Float(weightDecay) : 0, nesterov: nesterov,
                gradientScale: Float(gradientScale))
            update.apply(
                to: arena.values, gradients: arena.gradients, momenta: momenta, in: segment.range.clamped(to: range))
        }
    }

    /// The L2 norm of the gradients of all parameters that move.
    var gradientNorm: Double { gradientSquares(in: 0..<arena.count).squareRoot() }

    /// Σ g² over the gradients in a range of the arena of parameters that move.
    func gradientSquares(in range: Range<Int>) -> Double {
        segments.filter { $0.range.overlaps(range) }.reduce(0) { sum, segment in
            sum + ElementSums.squares(of: arena.gradients, in: segment.range.clamped(to: range))
        }
    }

    /// The momenta's names and shapes, which are the parameters'.
    public var shapes: [(name: String, shape: [Int])] { arena.parameters.map { ($0.name, $0.shape.dimensions) } }

    /// Replaces the momentum. `floats` returns the entry of a parameter's name, and throws what the caller's file has
    /// wrong.
    public func loadState(floats: (String) throws -> [Float]) throws {
        for (index, parameter) in arena.parameters.enumerated() {
            parameter.copy(try floats(parameter.name), to: arena.slice(of: momenta, index))
        }
    }
}
