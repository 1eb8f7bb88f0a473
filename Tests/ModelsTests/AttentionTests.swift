import Kernels
import Models
import Tensors
import Testing

/// Each attention module by itself, between a batch norm and a residual block's end, against PyTorch.
@Suite struct AttentionTests {
    private struct Fixture: Decodable {
        let shape: [Int]
        let cases: [Case]
    }

    private struct Case: Decodable {
        let attention: String
        let options: [String: String]
        let norm: Bool
        let y: [Double]
        let dx: [Double]
        let gradients: [String: [Double]]

        func configuration() throws -> ModelConfiguration {
            ModelConfiguration(
                architecture: .resnet18, attention: try #require(.init(rawValue: attention)),
                fusion: try #require(options["attention-fusion"].flatMap(AttentionFusion.init)),
                channelKernel: try #require(options["attention-kernel"].flatMap(ChannelKernel.init)),
                spatialKernel: try #require(options["spatial-kernel"].flatMap { Int($0) }),
                ratio: try #require(options["attention-ratio"].flatMap { Int($0) }), classes: 1)
        }
    }

    @Test(arguments: [BackendUnderTest.accelerated, .reference])
    func modulesComputeWhatPyTorchDoes(_ backend: BackendUnderTest) throws {
        let fixture: Fixture = try loadPyTorchFixture("attention")
        let modules = Set(fixture.cases.map(\.attention))
        #expect(modules == Set(ModelConfiguration.Attention.allCases.map(\.rawValue)).subtracting(["none"]))
        for (index, item) in fixture.cases.enumerated() {
            let got = try run(item, name: "\(index / 2).attention", Shape(fixture.shape), backend.make())
            var expected = item.gradients
            expected["y"] = item.y
            expected["dx"] = item.dx
            #expect(Set(got.keys) == Set(expected.keys))
            for (name, values) in got {
                let difference = relativeDifference(values.map(Double.init), from: expected[name] ?? [])
                #expect(difference < 1e-5, "\(name) of \(item.attention) \(item.options), norm: \(item.norm)")
            }
        }
    }

    private func run(_ item: Case, name: String, _ shape: Shape, _ backend: any Backend) throws -> [String: [Float]] {
        func activation(_ elements: [Float]) -> Tensor {
            Tensor(elements, shape: shape, layout: backend.activationLayout)
        }
        func given(_ name: String) -> [Float] { deterministicWeights(name, shape: shape.dimensions) }
        var generator = RandomGenerator(1)
        let layer = try #require(
            try item.configuration().makeAttention(
                name, channels: shape.channels, backend: backend, generator: &generator))
        for parameter in layer.parameters {
            parameter.elements = deterministicWeights(parameter.name, shape: parameter.shape.dimensions)
        }
        let norm = BatchNormalization("bn", channels: shape.channels, relu: false, backend: backend)
        for parameter in [norm.scale, norm.shift] {
            parameter.elements = deterministicWeights(parameter.name, shape: [shape.channels])
        }
        let x = activation(
            item.norm ? given("images/x") : given("images/x").map { max(($0 * 2).rounded(.toNearestOrEven) / 2, 0) })
        let input = item.norm ? FeatureMap(x, try norm.trainingNormalization(of: x, reduction: nil)) : FeatureMap(x)
        let shortcut = FeatureMap(activation(given("images/shortcut")))

        let y = layer.forward(input, shortcut: shortcut, relu: true, .training(nil))
        let gradient = try layer.backward(
            GradientSum(activation(given("images/g"))),
            norm: item.norm ? { try norm.setGradients($0, reduction: nil) } : nil)
        // Inference overwrites its input.
        let inferred = layer.forward(input, shortcut: shortcut, relu: true, .inference)
        #expect(inferred.elements == y.elements, "\(item.attention) infers otherwise than it trains")

        var got = ["y": y.elements, "dx": gradient.input.elements]
        for parameter in layer.parameters + (item.norm ? [norm.scale, norm.shift] : []) {
            got[parameter.name] = parameter.gradientElements
        }
        return got
    }

    /// The backward over NaN must end: no maximum has a place there.
    @Test(arguments: ModelConfiguration.Attention.allCases.filter { $0 != .none })
    func notANumberPassesThrough(_ attention: ModelConfiguration.Attention) throws {
        let backend = AcceleratedBackend(threads: 1)
        var generator = RandomGenerator(1)
        let configuration = ModelConfiguration(architecture: .resnet18, attention: attention, classes: 1)
        let layer = try #require(
            configuration.makeAttention("x", channels: 5, backend: backend, generator: &generator))
        let shape: Shape = [1, 5, 2, 2]
        func map(_ value: Float) -> Tensor {
            Tensor([Float](repeating: value, count: 20), shape: shape, layout: backend.activationLayout)
        }
        let output = layer.forward(FeatureMap(map(.nan)), shortcut: nil, relu: true, .training(nil))
        #expect(output.elements.allSatisfy { $0.isNaN })
        let gradient = try layer.backward(GradientSum(map(1)), norm: nil).input
        #expect(gradient.shape == shape)
    }

    @Test func otherParametersStartTheSameWithAnyAttention() {
        func elements(_ attention: ModelConfiguration.Attention) -> [String: [Float]] {
            let model = ResNet(
                ModelConfiguration(architecture: .resnet18, attention: attention, classes: 7), input: [1, 3, 32, 32],
                on: .reference)
            return Dictionary(uniqueKeysWithValues: model.parameters.map { ($0.name, $0.elements) })
        }
        let plain = elements(.none)
        for attention in ModelConfiguration.Attention.allCases {
            let rest = elements(attention).filter { !$0.key.contains(".attention.") }
            #expect(rest == plain, "\(attention)")
        }
    }

    /// PyTorch's default is uniform in ±1/√inputs.
    @Test(arguments: [
        (ModelConfiguration.Attention.cbam, "channel.fc2.weight", 4), (.cbam, "spatial.weight", 98),
        (.se, "fc1.weight", 64), (.eca, "channel.weight", 5),
    ])
    func learnedWeightsStartAsPyTorchs(
        _ attention: ModelConfiguration.Attention, _ name: String, _ inputs: Int
    ) throws {
        var generator = RandomGenerator(1)
        let configuration = ModelConfiguration(architecture: .resnet18, attention: attention, classes: 1)
        let layer = try #require(
            configuration.makeAttention("x", channels: 64, backend: ReferenceBackend(), generator: &generator))
        let elements = try #require(layer.parameters.first { $0.name == "x.\(name)" }).elements
        let bound = 1 / Float(inputs).squareRoot()
        #expect(elements.allSatisfy { abs($0) <= bound })
        #expect(elements.contains { abs($0) > bound / 4 } && Set(elements).count == elements.count)
    }
}
