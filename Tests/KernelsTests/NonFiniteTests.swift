import Kernels
import Tensors
import Testing

extension Operations {
    /// A diverged model must show as NaN in its loss, not hide behind a rectifier.
    @Suite struct NonFinite {
        private let values = DoubleTensor([.nan, -1, 2, .infinity], shape: [1, 1, 2, 2])

        private func expectNotANumber(_ observation: Observation) {
            let elements = observation.values.elements
            #expect(elements[0].isNaN)
            #expect(Array(elements[1...]) == [0, 2, .infinity])
        }

        @Test(arguments: backendsUnderTest) func reluKeepsNaN(backend: BackendUnderTest) {
            let backend = backend.make()
            expectNotANumber(backend.observe(backend.relu(backend.activation(values)), "y"))
        }

        @Test(arguments: backendsUnderTest) func additionWithReluKeepsNaN(backend: BackendUnderTest) {
            let backend = backend.make()
            let sum = backend.add(
                FeatureMap(backend.activation(values)), FeatureMap(backend.activation(.zeros(values.shape))),
                relu: true,
                inPlace: false)
            expectNotANumber(backend.observe(sum, "y"))
        }

        @Test(arguments: backendsUnderTest) func batchNormWithReluKeepsNaN(backend: BackendUnderTest) {
            let backend = backend.make()
            let identity = Normalization(
                mean: [0], inverseDeviation: [1], scale: Tensor([1], shape: [1]), shift: Tensor([0], shape: [1]))
            expectNotANumber(
                backend.observe(
                    backend.batchNorm(backend.activation(values), identity, relu: true, inPlace: false), "y"))
        }

        @Test(arguments: backendsUnderTest) func inferenceConvolutionWithReluKeepsNaN(backend: BackendUnderTest) {
            let backend = backend.make()
            let geometry = ConvolutionGeometry(inputChannels: 1, outputChannels: 2, kernel: 1)
            let filter = backend.filter(DoubleTensor([1, 1], shape: [2, 1, 1, 1]), geometry, input: [1, 1, 1, 2])
            let normalization = Normalization(
                mean: [0, .nan], inverseDeviation: [1, 1], scale: Tensor([1, 1], shape: [2]),
                shift: Tensor([0, 0], shape: [2]))
            let fused = backend.inferenceConvolution(filter: filter, normalization, relu: true, geometry: geometry)
            let elements = fused(backend.activation(DoubleTensor([-1, 2], shape: [1, 1, 1, 2]))).elements
            #expect(Array(elements[..<2]) == [0, 2])
            #expect(elements[2].isNaN && elements[3].isNaN)
        }

        @Test(arguments: backendsUnderTest) func attendWithReluKeepsNaN(backend: BackendUnderTest) {
            let backend = backend.make()
            let maps = AttentionMaps(
                channel: Tensor([0.5], shape: [1, 1]), position: Tensor([0.5, 0.5, 0.5, 0.5], shape: [1, 4]),
                fusion: .sum)
            let attended = backend.attend(
                FeatureMap(backend.activation(values)), maps, shortcut: nil, relu: true, inPlace: false)
            expectNotANumber(backend.observe(attended, "y"))
        }
    }
}
