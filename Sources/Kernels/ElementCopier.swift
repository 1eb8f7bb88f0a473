import Tensors

/// Copies elements between layouts apart from the backend that it comes from, on the one thread that uses it.
public protocol ElementCopier: AnyObject, Sendable {
    /// As the backend's `copyElements`.
    func copyElements(from source: Tensor, to destination: Tensor)
}
