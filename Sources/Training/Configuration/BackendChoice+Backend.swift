import Kernels

extension TrainingConfiguration.BackendChoice {
    /// A backend for the calling thread.
    /// - Parameters:
    ///   - threads: threads a kernel may use.
    ///   - convolutions: how oneDNN computes them; the other backend has one way.
    public func makeBackend(threads: Int, convolutions: ConvolutionMethod) -> any Backend {
        switch self {
        case .onednn: AcceleratedBackend(threads: threads, convolutionMethod: convolutions)
        case .openblas: ReferenceBackend(threads: threads)
        }
    }
}
