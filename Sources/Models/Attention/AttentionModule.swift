import Kernels
import Tensors

/// A module that reweights a feature map, joined with what follows it in a residual block.
public protocol AttentionModule: AnyObject {
    var parameters: [Parameter] { get }

    /// attention(x), + `shortcut` if given, then max(·, 0) if `relu`. Shapes (N, C, H, W).
    func forward(_ input: Tensor, shortcut: Tensor?, relu: Bool, training: Bool) -> Tensor

    /// Sets the parameters' gradients. Returns dL/dx and dL/dshortcut.
    func backward(_ outputGradient: Tensor) -> (input: Tensor, shortcut: Tensor)

    /// Floating-point operations of a forward on an input of this shape; a multiply-add counts as two.
    func operations(for input: Shape) -> Int
}
