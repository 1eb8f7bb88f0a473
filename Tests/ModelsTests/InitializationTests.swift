import Kernels
import Models
import Tensors
import Testing

@Suite struct InitializationTests {
    static let input: Shape = [2, 3, 64, 64]

    @Test func everyBackendStartsFromTheSameWeights() {
        let configuration = ModelConfiguration(architecture: .resnet18, classes: 7)
        let models = BackendUnderTest.all.map { ResNet(configuration, input: Self.input, on: $0, seed: 5) }
        let states = models.map { model in model.state.map { ($0.name, $0.values.floats.map(\.bitPattern)) } }
        for (first, second) in zip(states[0], states[1]) {
            #expect(first.0 == second.0)
            #expect(first.1 == second.1, "\(first.0)")
        }
        let other = ResNet(configuration, input: Self.input, on: .reference, seed: 6)
        #expect(other.parameters[0].elements != models[1].parameters[0].elements)
    }

    @Test func convolutionsStartWithHesDeviation() {
        let model = ResNet(
            ModelConfiguration(architecture: .resnet50, classes: 7), input: Self.input, on: .reference)
        var checked = 0
        for parameter in model.parameters where parameter.shape.rank == 4 && !parameter.name.contains("attention") {
            let shape = parameter.shape
            let expected = (2 / Double(shape[0] * shape[2] * shape[3])).squareRoot()
            let moments = Moments(parameter.elements)
            // Five standard errors of the mean and of the deviation of a normal sample.
            #expect(abs(moments.mean) < 5 * expected / moments.count.squareRoot(), "\(parameter.name)")
            #expect(
                abs(moments.deviation - expected) < 5 * expected / (2 * moments.count).squareRoot(),
                "\(parameter.name): \(moments.deviation), expected \(expected)")
            checked += 1
        }
        #expect(checked == 53)
    }

    @Test func classifierStartsUniform() {
        let model = ResNet(
            ModelConfiguration(architecture: .resnet18, classes: 100), input: Self.input, on: .accelerated)
        let bound = 1 / 512.0.squareRoot()
        for parameter in model.parameters where parameter.name.hasPrefix("fc.") {
            let moments = Moments(parameter.elements)
            #expect(parameter.elements.allSatisfy { abs(Double($0)) <= bound * (1 + 1e-7) })
            #expect(Double(parameter.elements.map(abs).max() ?? 0) > 0.9 * bound)
            // A uniform sample's deviation has a relative standard error of √(1/(5n)).
            let expected = bound / 3.0.squareRoot()
            #expect(abs(moments.deviation / expected - 1) < 5 / (5 * moments.count).squareRoot(), "\(parameter.name)")
        }
    }

    @Test func batchNormsStartAsTheIdentity() {
        let model = ResNet(
            ModelConfiguration(architecture: .resnet18, classes: 7), input: Self.input, on: .accelerated)
        #expect(model.norms.count == 20)
        for norm in model.norms {
            #expect(norm.scale.elements.allSatisfy { $0 == 1 } && norm.shift.elements.allSatisfy { $0 == 0 })
            #expect(norm.runningMean.allSatisfy { $0 == 0 } && norm.runningVariance.allSatisfy { $0 == 1 })
            #expect(norm.batchesTracked == 0)
        }
    }

    /// Both maps are 1/2 at first, so that x·Mc + x·Ms is x, exactly; and attention draws no random numbers.
    @Test(arguments: BackendUnderTest.all, [ModelConfiguration.Placement.block, .stage])
    func attentionStartsAsTheIdentity(_ backend: BackendUnderTest, _ placement: ModelConfiguration.Placement) throws {
        let plain = ResNet(
            ModelConfiguration(architecture: .resnet18, attention: .none, classes: 7), input: Self.input, on: backend)
        let attentive = ResNet(
            ModelConfiguration(architecture: .resnet18, placement: placement, classes: 7), input: Self.input,
            on: backend)
        for parameter in attentive.parameters where parameter.name.contains("attention") {
            #expect(parameter.elements.allSatisfy { $0 == 0 }, "\(parameter.name)")
        }
        let images = Tensor(
            deterministicWeights("images", shape: Self.input.dimensions), shape: Self.input)
        for pass in [Pass.inference, .training(nil)] {
            let (expected, got) = (try plain.forward(images, pass), try attentive.forward(images, pass))
            #expect(got.elements == expected.elements)
            #expect(Set(got.elements).count > 7)
        }
    }
}

private struct Moments {
    let count: Double
    let mean: Double
    let deviation: Double

    init(_ values: [Float]) {
        count = Double(values.count)
        let mean = values.reduce(0.0) { $0 + Double($1) } / count
        self.mean = mean
        deviation = (values.reduce(0.0) { $0 + (Double($1) - mean) * (Double($1) - mean) } / count).squareRoot()
    }
}
