import Tensors

extension ReferenceBackend {
    public func inferenceConvolution(
        filter: Tensor, _ normalization: Normalization, relu: Bool, geometry: ConvolutionGeometry
    ) -> any InferenceConvolution {
        ConvolutionThenNorm(
            backend: self, filter: filter, normalization: normalization, relu: relu, geometry: geometry)
    }
}
