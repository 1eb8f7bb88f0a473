import Kernels
import Tensors
import Testing

extension Operations {
    /// Every backend computes what PyTorch does, gradients included.
    @Suite struct AgreementWithPyTorch {
        /// Runs `compute` on every case of a kind, and expects PyTorch's results of the same names.
        private func expectAgreement(
            _ kind: String, on backend: BackendUnderTest, _ compute: (PyTorchFixture.Case, any Backend) -> [Observation]
        ) throws {
            let cases = try PyTorchFixture.load().cases.filter { $0.kind == kind }
            #expect(!cases.isEmpty)
            for (index, item) in cases.enumerated() {
                let got = compute(item, backend.make())
                let found = disagreements(of: got, with: item.expected(got.map(\.name)), .rounding)
                #expect(found.isEmpty, "\(kind) \(index): \(found.joined(separator: "\n"))")
            }
        }

        @Test(arguments: backendsUnderTest) func convolution(backend: BackendUnderTest) throws {
            try expectAgreement("convolution", on: backend) { item, backend in
                let filter = item["w"].shape
                let geometry = ConvolutionGeometry(
                    inputChannels: filter[1], outputChannels: filter[0], kernelHeight: filter[2],
                    kernelWidth: filter[3], stride: item.parameter("stride"), padding: item.parameter("padding"))
                return ConvolutionCase(geometry: geometry, input: item["x"].shape)
                    .run([item["x"], item["w"], item["dy"]], on: backend)
            }
        }

        @Test(arguments: backendsUnderTest) func batchNorm(backend: BackendUnderTest) throws {
            try expectAgreement("batchNorm", on: backend) { item, backend in
                BatchNormTrainingCase(input: item["x"].shape, relu: item.parameter("relu") != 0)
                    .run([item["x"], item["gamma"], item["beta"], item["dy"]], on: backend)
            }
        }

        @Test(arguments: backendsUnderTest) func maxPool(backend: BackendUnderTest) throws {
            try expectAgreement("maxPool", on: backend) { item, backend in
                let geometry = PoolingGeometry(
                    kernel: item.parameter("kernel"), stride: item.parameter("stride"),
                    padding: item.parameter("padding"))
                return MaxPoolCase(input: item["x"].shape, geometry: geometry)
                    .run([item["x"], item["dy"]], on: backend).filter { $0.name != "y of inference" }
            }
        }

        @Test(arguments: backendsUnderTest) func linear(backend: BackendUnderTest) throws {
            try expectAgreement("linear", on: backend) { item, backend in
                let weight = item["w"].shape
                return LinearCase(batch: item["x"].shape[0], inputs: weight[1], outputs: weight[0])
                    .run([item["x"], item["w"], item["b"], item["dy"]], on: backend)
            }
        }

        @Test(arguments: backendsUnderTest) func aggregateAttention(backend: BackendUnderTest) throws {
            try expectAgreement("aggregateAttention", on: backend) { item, backend in
                AggregateAttention(fusion: item.parameter("product") != 0 ? .product : .sum)
                    .run([item["x"], item["w1"], item["w2"], item["shortcut"], item["dy"]], on: backend)
            }
        }
    }
}
