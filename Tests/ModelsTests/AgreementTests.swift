import Testing

/// The comparison with PyTorch must be able to fail.
@Suite struct AgreementTests {
    static let expected = TrainingFixture.Quantity(truth: [1, -2, 4], float32Error: 0.01)

    @Test func acceptsTheMultipleOfPyTorchsError() {
        var agreement = Agreement(multiple: 3, floor: 0)
        agreement.compare("x", [1, -2.029, 4], Self.expected)
        #expect(agreement.failures.isEmpty)
        agreement.compare("x", [1, -2.031, 4], Self.expected)
        #expect(agreement.failures.count == 1)
    }

    @Test func acceptsThePartOfTheScale() {
        var agreement = Agreement(multiple: 0, floor: 0.1)
        agreement.compare("x", [1, -2.39, 4], Self.expected)
        #expect(agreement.failures.isEmpty)
        agreement.compare("x", [1, -2.39, 4], Self.expected, scale: 2)
        #expect(agreement.failures.count == 1)
    }

    @Test func failureNamesTheWorstElement() throws {
        var agreement = Agreement(multiple: 3, floor: 0)
        agreement.compare("gradient of conv1.weight", [1.1, -2.5, 4], Self.expected, places: [7, 70, 700])
        let failure = try #require(agreement.failures.first)
        #expect(failure.hasPrefix("gradient of conv1.weight[70]: got -2.5, expected -2.0"))
    }

    @Test func rejectsNaNAndMissingElements() {
        var agreement = Agreement(multiple: 1000, floor: 1000)
        agreement.compare("x", [1, .nan, 4], Self.expected)
        agreement.compare("x", [1, -2], Self.expected)
        #expect(agreement.failures.count == 2)
    }
}
