import Kernels

extension TrainingConfiguration.BackendChoice {
    /// A backend for the calling thread.
    public func makeBackend(threads: Int) -> any Backend {
        switch self {
        case .onednn: AcceleratedBackend(threads: threads)
        case .openblas: ReferenceBackend(threads: threads)
        }
    }
}
