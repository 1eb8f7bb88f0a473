import Kernels
import Tensors

/// Sets the gradients of a batch norm's γ and β from this rank's Σg and Σg·x̂, and returns these sums and the count over
/// all that was normalised together.
public typealias NormGradient = (ChannelSums) throws -> (sums: ChannelSums, count: Double)

/// A module that reweights a feature map, joined with what follows it in a residual block.
public protocol AttentionModule: AnyObject {
    var parameters: [Parameter] { get }

    /// attention(F), + `shortcut` if given, then max(·, 0) if `relu`. Shapes (N, C, H, W). Overwrites F's values
    /// unless training.
    func forward(_ input: FeatureMap, shortcut: FeatureMap?, relu: Bool, training: Bool) -> Tensor

    /// Sets the parameters' gradients. Returns the gradient of the values that F was made of, through the batch norm if
    /// F is normalised, and dL/dshortcut. Overwrites `outputGradient.first`.
    /// - Parameter norm: the batch norm's part if F is normalised.
    /// - Throws: what `norm` throws.
    func backward(_ outputGradient: GradientSum, norm: NormGradient?) throws -> (input: Tensor, shortcut: Tensor)

    /// Floating-point operations of a forward on an input of this shape; a multiply-add counts as two.
    func operations(for input: Shape) -> Int
}
