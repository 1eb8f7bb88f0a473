import COpenBLAS
import Tensors
import Tracing

/// The operations in plain Swift over row-major tensors, with OpenBLAS for the matrix products: what the accelerated
/// backend is compared with, and a portable second choice for training.
///
/// Every loop is the formula of the protocol's comment, written so that it can be checked by reading. Long sums are
/// taken in double precision.
public final class ReferenceBackend: Backend {
    public let name = "openblas"
    public let activationLayout = Layout.rowMajor
    public let pool: StoragePool
    public let threads: Int
    public var recorder: SpanRecorder?

    /// - Parameters:
    ///   - threads: Threads OpenBLAS may use. The library keeps one such number a process, so the backend made last
    ///     decides for all; loops that are not matrix products run on the caller's thread.
    ///   - pool: Where results come from.
    public init(threads: Int = 1, pool: StoragePool = StoragePool()) {
        precondition(threads > 0, "a backend needs at least one thread, not \(threads)")
        self.threads = threads
        self.pool = pool
        openblas_set_num_threads(Int32(threads))
    }

    public func filterLayout(for geometry: ConvolutionGeometry, input: Shape) -> Layout { .rowMajor }

    public func copyElements(from source: Tensor, to destination: Tensor) {
        RowMajorCopier().copyElements(from: source, to: destination)
    }

    public func makeElementCopier() -> any ElementCopier { RowMajorCopier() }

    /// A row-major result whose elements are not set.
    func makeTensor(_ shape: Shape) -> Tensor {
        Tensor(shape, pool: pool)
    }

    /// A row-major result of zeros.
    func makeZeros(_ shape: Shape) -> Tensor {
        Tensor.zeros(shape, pool: pool)
    }
}

/// There is but one layout, so that copying is all.
private final class RowMajorCopier: ElementCopier {
    func copyElements(from source: Tensor, to destination: Tensor) {
        precondition(source.shape == destination.shape, "cannot copy \(source.shape) to \(destination.shape)")
        requireRowMajor(source, destination)
        destination.copyStored(from: source)
    }
}

/// Traps unless every tensor is row-major, the only layout this backend knows.
func requireRowMajor(_ tensors: Tensor...) {
    for tensor in tensors {
        precondition(tensor.layout == .rowMajor, "the openblas backend was given a tensor in layout \(tensor.layout)")
    }
}

/// Traps unless `tensor` has `shape`; `role` names it in the message.
func require(_ tensor: Tensor, hasShape shape: Shape, _ role: String) {
    precondition(tensor.shape == shape, "\(role) has shape \(tensor.shape), not \(shape)")
}
