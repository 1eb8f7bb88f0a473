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

    public init(_ arena: ParameterArena, momentum: Double, weightDecay: Double, nesterov: Bool = false) {
        self.arena = arena
        self.momentum = momentum
        self.weightDecay = weightDecay
        self.nesterov = nesterov
        momenta = .zeros([arena.count])
    }

    /// Moves the parameters in a range of the arena by their gradients.
    public func step(learningRate: Double, in range: Range<Int>) {
        let update = MomentumUpdate(
            learningRate: Float(learningRate), momentum: Float(momentum), weightDecay: Float(weightDecay),
            nesterov: nesterov)
        update.apply(to: arena.values, gradients: arena.gradients, momenta: momenta, in: range)
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
