import Kernels
import Tensors

/// Sets the gradients of a batch norm's γ and β from this rank's Σg and Σg·x̂, and returns these sums and the count over
/// all that was normalised together.
public typealias NormGradient = (ChannelSums) throws -> (sums: ChannelSums, count: Double)

/// A feature map reweighted by an attention module, joined with what follows it in a residual block.
public final class AttentionLayer {
    /// What its parameters' names begin with, such as `layer1.0.attention`.
    public let name: String
    private let module: any AttentionModule
    private let backend: any Backend
    private var saved: Saved?

    private struct Saved {
        let input: FeatureMap
        let maps: AttentionMaps
        let output: Tensor
        let relu: Bool
    }

    /// Joins a module to its surroundings; `backend` must be the module's.
    public init(_ name: String, _ module: any AttentionModule, backend: any Backend) {
        self.name = name
        self.module = module
        self.backend = backend
    }

    /// The module's.
    public var parameters: [Parameter] { module.parameters }

    /// attention(F), + `shortcut` if given, then max(·, 0) if `relu`. Shapes (N, C, H, W). Overwrites F's values
    /// unless training.
    public func forward(_ input: FeatureMap, shortcut: FeatureMap?, relu: Bool, _ pass: Pass) -> Tensor {
        let training = pass.isTraining
        let maps = module.maps(of: input, training: training)
        pass.observer?(AttentionRecord(module: name, maps, input: input.shape))
        let output = backend.attend(input, maps, shortcut: shortcut, relu: relu, inPlace: !training)
        if training { saved = Saved(input: input, maps: maps, output: output, relu: relu) }
        return output
    }

    /// attention(x) as operations.
    func append(to graph: inout InferenceGraph, _ x: InferenceGraph.Value) -> InferenceGraph.Value {
        module.maps(of: x, in: &graph).applied(to: x, in: &graph)
    }

    /// Sets the parameters' gradients. Returns the gradient of the values that F was made of, through the batch norm if
    /// F is normalised, and dL/dshortcut. Overwrites `outputGradient.first`.
    /// - Parameters:
    ///   - outputGradient: dL/dy of what `forward` returned, y.
    ///   - norm: the batch norm's part if F is normalised.
    /// - Throws: what `norm` throws.
    public func backward(
        _ outputGradient: GradientSum, norm: NormGradient?
    ) throws -> (input: Tensor, shortcut: Tensor) {
        guard let saved else { preconditionFailure("attention's backward needs a training forward before it") }
        self.saved = nil
        let (gradient, channelMap, positionMap) = backend.attendMapGradients(
            outputGradient, output: saved.output, input: saved.input, saved.maps, relu: saved.relu)
        let statistics = module.backward(channelMap: channelMap, positionMap: positionMap)
        guard let norm else { return (backend.attendInputGradient(gradient, saved.maps, statistics), gradient) }
        let (sums, count) = try norm(
            backend.attendNormGradientSums(gradient, input: saved.input, saved.maps, statistics))
        let input = backend.attendNormInputGradient(
            gradient, input: saved.input, saved.maps, statistics, sums: sums, count: count)
        return (input, gradient)
    }

    /// Floating-point operations of a forward on an input of this shape, without what is joined.
    public func operations(for input: Shape) -> Int {
        // One factor and one product an element.
        module.operations(for: input) + 2 * input.elementCount
    }
}
