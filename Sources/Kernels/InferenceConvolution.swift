import Tensors

/// A convolution, the batch norm behind it and an optional ReLU as one operation, prepared for many inputs.
///
/// Filter and normalisation are as they were when it was made.
public protocol InferenceConvolution: AnyObject {
    /// (N, C, H, W) -> (N, O, H', W')
    func callAsFunction(_ input: Tensor) -> Tensor
}

/// The two operations one after the other.
final class ConvolutionThenNorm: InferenceConvolution {
    private let backend: any Backend
    private let filter: Tensor
    private let normalization: Normalization
    private let relu: Bool
    private let geometry: ConvolutionGeometry

    init(
        backend: any Backend, filter: Tensor, normalization: Normalization, relu: Bool,
        geometry: ConvolutionGeometry
    ) {
        self.backend = backend
        self.filter = filter
        self.normalization = normalization
        self.relu = relu
        self.geometry = geometry
    }

    func callAsFunction(_ input: Tensor) -> Tensor {
        backend.batchNorm(
            backend.convolution(input, filter: filter, geometry: geometry), normalization, relu: relu, inPlace: true)
    }
}
