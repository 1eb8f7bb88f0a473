import Kernels
import Tensors
import Testing

/// The harness itself: what is wrong must fail.
@Suite struct HarnessTests {
    private let item = ConvolutionCase(
        geometry: ConvolutionGeometry(inputChannels: 2, outputChannels: 3, kernel: 3, padding: 1), input: [1, 2, 4, 4])

    /// The lines that a change to the oracle's gradients causes.
    private func failures(afterChanging change: (inout DoubleTensor) -> Void) -> [String] {
        let operands = drawOperands(item, .normals)
        var (dx, dw) = Oracle.convolutionGradients(operands[2], operands[0], operands[1], item.geometry)
        change(&dx)
        change(&dw)
        return gradientFailures(of: item.loss, at: operands, claimed: [("dx", 0, dx), ("dw", 1, dw)])
    }

    @Test func rightGradientsPass() {
        #expect(failures { _ in }.isEmpty)
    }

    @Test(arguments: [1.01, 0.99, -1, 0, 2])
    func scaledGradientsFail(factor: Double) {
        #expect(failures { $0 = $0.map { $0 * factor } }.count == 2)
    }

    @Test func oneWrongElementFails() {
        let found = failures { gradient in gradient.elements[7] += 0.05 }
        #expect(found.count == 2)
        #expect(found.allSatisfy { $0.contains("1 of ") })
    }

    @Test func missingGradientsFail() {
        #expect(failures { $0.elements[0] = .nan }.count == 2)
    }

    @Test func gradientThatNothingDependsOnCannotPass() {
        let x = DoubleTensor([1, 2], shape: [2])
        #expect(!gradientFailures(of: { _ in 1 }, at: [x], claimed: [("dx", 0, .zeros([2]))]).isEmpty)
    }

    @Test func comparisonNamesTheWorstElement() {
        let expected = DoubleTensor([1, 2, 3, 4, 5, 6], shape: [2, 3])
        var got = expected
        got.elements[1] = 2.5
        got.elements[5] = 5
        let found = disagreements(of: [Observation("y", got)], with: [Observation("y", expected)], .exact)
        #expect(
            found == [
                "y: 2 of 6 elements are off, worst at [1, 2]: got 5.0, expected 6.0, difference 1.0"
            ])
    }

    @Test func toleranceGrowsWithTheExpectedValue() {
        let tolerance = Tolerance.within(absolute: 0.1, relative: 0.01)
        #expect(tolerance.allows(100.9, for: 100))
        #expect(!tolerance.allows(101.2, for: 100))
        #expect(!tolerance.allows(0.2, for: 0))
        #expect(!tolerance.allows(.nan, for: 0))
        #expect(!Tolerance.exact.allows(1.0000001, for: 1))
    }

    @Test func defectsFailEvenIfTheValuesAreRight() {
        let values = DoubleTensor([1], shape: [1])
        let stained = Observation(name: "y", values: values, defects: ["has 2 padding elements that are not zero"])
        #expect(!disagreements(of: [stained], with: [Observation("y", values)], .exact).isEmpty)
    }

    @Test func paddingThatIsNotZeroIsFound() {
        let backend = ReferenceBackend()
        let tensor = Tensor([1, 2, 3], shape: [1, 3, 1, 1], layout: .channelBlocked(8))
        #expect(backend.observe(tensor, "y").defects.isEmpty)
        tensor.withUnsafeMutableBufferPointer { $0[6] = 1 }
        #expect(backend.observe(tensor, "y").defects == ["has 1 padding elements that are not zero"])
    }
}
