import Kernels
import Tensors
import Testing

extension Operations {
    /// Convolutions that may be computed by Winograd's algorithm.
    @Suite struct Winograd {
        /// Geometries of ResNets, one that fills no tile, and channels that no vector divides, which are left to direct
        /// sums.
        static let cases = [
            (64, 64, 56, 56), (128, 128, 28, 28), (256, 256, 14, 14), (512, 512, 7, 7), (16, 32, 5, 11), (17, 33, 9, 8),
        ].map { inputs, outputs, height, width in
            ConvolutionCase(
                geometry: ConvolutionGeometry(
                    inputChannels: inputs, outputChannels: outputs, kernel: 3, padding: 1),
                input: [2, inputs, height, width])
        }

        @Test(arguments: winogradBackends, cases)
        func agreesWithTheReference(backend: BackendUnderTest, item: ConvolutionCase) {
            // As for direct sums, with 20 times the rounding of a result of order 1. Filter gradients are sums of up to
            // 6272 products.
            let terms = Double(item.input.batch * item.input.positions)
            expectAgreement(
                item, of: backend, with: reference,
                .within(absolute: 1e-5 * max(terms, 100).squareRoot(), relative: 1e-4), .normals)
        }

        @Test(arguments: winogradBackends, cases)
        func agreesWithTheReferenceInInference(backend: BackendUnderTest, item: ConvolutionCase) {
            for relu in [false, true] {
                expectAgreement(
                    InferenceConvolutionCase(convolution: item, relu: relu), of: backend, with: reference,
                    .within(absolute: 5e-4, relative: 1e-4), .normals)
            }
        }

        @Test func needsLessArithmeticOnlyWhereTilesAreFilled() {
            func gains(_ geometry: ConvolutionGeometry, _ side: Int) -> Bool {
                geometry.gainsByWinograd(
                    output: geometry.outputShape(for: [1, geometry.inputChannels, side, side]))
            }
            let ofResNets = ConvolutionGeometry(inputChannels: 64, outputChannels: 64, kernel: 3, padding: 1)
            #expect([56, 28, 14, 7, 5, 4, 3].allSatisfy { gains(ofResNets, $0) })
            #expect([1, 2].allSatisfy { !gains(ofResNets, $0) })
            #expect(
                !gains(
                    ConvolutionGeometry(inputChannels: 64, outputChannels: 64, kernel: 3, stride: 2, padding: 1), 56))
            #expect(!gains(ConvolutionGeometry(inputChannels: 64, outputChannels: 64, kernel: 1), 56))
        }
    }
}
