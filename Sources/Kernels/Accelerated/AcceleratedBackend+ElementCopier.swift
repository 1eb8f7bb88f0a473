import COneDNN
import Tensors

extension AcceleratedBackend {
    public func makeElementCopier() -> any ElementCopier { ReorderingCopier(packedDescriptors) }
}

/// A backend of its own, of one thread, that knows another's filter layouts.
private final class ReorderingCopier: ElementCopier, @unchecked Sendable {
    private let packedDescriptors: [PackedLayout: dnnl_memory_desc_t]
    /// Made by the thread that copies, because it sets the number of threads for the kernels of the thread it is made by.
    private lazy var backend: AcceleratedBackend = {
        let backend = AcceleratedBackend(threads: 1)
        backend.packedDescriptors = packedDescriptors
        return backend
    }()

    init(_ packedDescriptors: [PackedLayout: dnnl_memory_desc_t]) {
        self.packedDescriptors = packedDescriptors
    }

    func copyElements(from source: Tensor, to destination: Tensor) {
        backend.copyElements(from: source, to: destination)
    }
}
