import Kernels
import Tensors
import Testing

extension Operations {
    /// Every backward is the derivative of its forward.
    @Suite struct Gradients {
        @Test(
            arguments: backendsUnderTest,
            [
                ConvolutionCase(
                    geometry: ConvolutionGeometry(
                        inputChannels: 3, outputChannels: 4, kernel: 3, stride: 2, padding: 1),
                    input: [2, 3, 5, 4]),
                ConvolutionCase(
                    geometry: ConvolutionGeometry(inputChannels: 5, outputChannels: 2, kernel: 1), input: [1, 5, 3, 3]),
                ConvolutionCase(
                    geometry: ConvolutionGeometry(
                        inputChannels: 2, outputChannels: 3, kernelHeight: 5, kernelWidth: 2, padding: 1),
                    input: [1, 2, 6, 4]),
            ])
        func convolution(backend: BackendUnderTest, item: ConvolutionCase) { expectGradients(item, on: backend) }

        @Test(
            arguments: backendsUnderTest,
            [
                BatchNormTrainingCase(input: [2, 3, 3, 4], relu: false),
                BatchNormTrainingCase(input: [3, 17, 2, 2], relu: true),
            ])
        func batchNormThroughItsStatistics(backend: BackendUnderTest, item: BatchNormTrainingCase) {
            expectGradients(item, on: backend)
        }

        @Test(arguments: backendsUnderTest, [ReluCase(input: [2, 3, 4, 5])])
        func relu(backend: BackendUnderTest, item: ReluCase) { expectGradients(item, on: backend) }

        @Test(arguments: backendsUnderTest, [false, true].map { AddCase(input: [2, 3, 4, 5], relu: $0) })
        func addition(backend: BackendUnderTest, item: AddCase) { expectGradients(item, on: backend) }

        @Test(
            arguments: backendsUnderTest,
            [
                MaxPoolCase(input: [2, 3, 7, 6], geometry: PoolingGeometry(kernel: 3, stride: 2, padding: 1)),
                MaxPoolCase(input: [1, 17, 4, 4], geometry: PoolingGeometry(kernel: 2, stride: 2)),
            ])
        func maxPool(backend: BackendUnderTest, item: MaxPoolCase) { expectGradients(item, on: backend) }

        @Test(arguments: backendsUnderTest, [GlobalAverageCase(input: [2, 5, 3, 3])])
        func globalAverage(backend: BackendUnderTest, item: GlobalAverageCase) { expectGradients(item, on: backend) }

        @Test(arguments: backendsUnderTest, [LinearCase(batch: 3, inputs: 7, outputs: 5)])
        func linear(backend: BackendUnderTest, item: LinearCase) { expectGradients(item, on: backend) }

        @Test(arguments: backendsUnderTest, AggregateAttentionCase.all)
        func aggregateAttention(backend: BackendUnderTest, item: AggregateAttentionCase) {
            expectGradients(item, on: backend)
        }

        @Test(arguments: backendsUnderTest, ChannelConvolutionCase.all)
        func channelConvolution(backend: BackendUnderTest, item: ChannelConvolutionCase) {
            expectGradients(item, on: backend)
        }

        @Test(arguments: backendsUnderTest, MapConvolutionCase.all.filter { $0.height * $0.width < 50 })
        func mapConvolution(backend: BackendUnderTest, item: MapConvolutionCase) { expectGradients(item, on: backend) }
    }
}
