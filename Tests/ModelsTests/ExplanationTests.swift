import Explaining
import Kernels
import Models
import Tensors
import Testing

/// Attention maps and Grad-CAM against PyTorch; Tools/pytorch/make_explanation_fixture.py explains the entries.
@Suite struct ExplanationTests {
    struct Fixture: Decodable {
        let shape: [Int]
        let samples: Int
        let cases: [Case]
    }

    struct Case: Decodable {
        struct Module: Decodable {
            let name: String
            let channel: [Double]?
            let position: [Double]?
        }

        let model: [String: String]
        let modules: [Module]
        let logits: [Double]
        let classes: [Int]
        let gradcam: [String: [Double]]

        func makeModel(_ shape: Shape, _ backend: BackendUnderTest) throws -> ResNet {
            func option<Value>(_ key: String, _ otherwise: Value, _ parse: (String) -> Value?) throws -> Value {
                try #require(model[key].map(parse) ?? otherwise, "\(key)")
            }
            let configuration = ModelConfiguration(
                architecture: .resnet18, attention: try option("attention", .none) { .init(rawValue: $0) },
                placement: try option("attention-placement", .block) { .init(rawValue: $0) },
                fusion: try option("attention-fusion", .sum) { .init(rawValue: $0) },
                channelKernel: try option("attention-kernel", .fixed(5)) { ChannelKernel($0) },
                spatialKernel: try option("spatial-kernel", 7) { Int($0) },
                ratio: try option("attention-ratio", 16) { Int($0) }, classes: 7)
            let made = ResNet(configuration, input: shape, on: backend)
            try made.loadDeterministicWeights()
            return made
        }
    }

    private let fixture: Fixture
    private let images: Tensor

    init() throws {
        fixture = try loadPyTorchFixture("explanations")
        images = Tensor(deterministicWeights("images/explained", shape: fixture.shape), shape: Shape(fixture.shape))
    }

    /// Of maps from 0 to 1.
    private func tolerance(_ backend: BackendUnderTest) -> Double { backend.roundsMore ? 2e-4 : 2e-5 }

    /// On the way back to the early layers, rounding moves some ReLU across zero or a maximum to another place.
    private func toleranceOfGradients(_ backend: BackendUnderTest) -> Double { backend.roundsMore ? 2e-2 : 2e-5 }

    @Test(arguments: BackendUnderTest.all)
    func attentionMapsAreThoseThatPyTorchMultipliesBy(_ backend: BackendUnderTest) throws {
        let kinds = Set(fixture.cases.compactMap { $0.model["attention"] })
        #expect(kinds == Set(ModelConfiguration.Attention.allCases.map(\.rawValue)))
        for item in fixture.cases {
            let model = try item.makeModel(images.shape, backend)
            let (output, records) = try model.attention(to: images)
            #expect(relativeDifference(output.logits.elements.map(Double.init), from: item.logits) < 1e-4)
            #expect(records.map(\.module) == item.modules.map(\.name), "\(item.model)")
            for (record, module) in zip(records, item.modules) {
                expectEqual(record.channel.map(sampledChannels), module.channel, item, module.name, tolerance(backend))
                expectEqual(record.position?.elements, module.position, item, module.name, tolerance(backend))
            }
        }
    }

    @Test(arguments: BackendUnderTest.all)
    func gradCAMIsWhatPyTorchsAutogradGives(_ backend: BackendUnderTest) throws {
        for item in fixture.cases where !item.gradcam.isEmpty {
            let model = try item.makeModel(images.shape, backend)
            for (layer, expected) in item.gradcam {
                let stage = try #require(Int(layer.dropFirst("layer".count)))
                let cam = try GradCAM(of: model, images, stage: stage) { n, _ in item.classes[n] }
                expectEqual(cam.maps.flatMap(\.values), expected, item, layer, toleranceOfGradients(backend))
                #expect(relativeDifference(cam.logits.elements.map(Double.init), from: item.logits) < 1e-4)
            }
        }
    }

    @Test func observingChangesNothing() throws {
        let item = try #require(fixture.cases.first)
        let model = try item.makeModel(images.shape, .accelerated)
        let expected = try model.forward(images, .inference).elements
        let (output, records) = try model.attention(to: images)
        #expect(output.logits.elements == expected)
        let folded = try model.inferring { try model.attention(to: images).output.logits.elements }
        #expect(folded == (try model.inferring { try model.forward(images, .inference).elements }))
        // What was observed stays as it was while the model goes on.
        let position = records[0].position?.elements
        _ = try model.attention(to: Tensor.zeros(images.shape))
        #expect(records[0].position?.elements == position)
    }

    /// Grad-CAM runs a backward, but between two steps of a training it must leave no trace.
    @Test func gradCAMLeavesTheModelAsItWas() throws {
        let item = try #require(fixture.cases.first)
        let model = try item.makeModel(images.shape, .accelerated)
        let state = try #require(model.norms.last)
        let before = (model.parameters.map(\.elements), model.norms.map(\.runningMean), state.batchesTracked)
        let loss = TrainingRun(model, images: images, labels: [1, 2])
        _ = try GradCAM(of: model, images, stage: 1)
        #expect(model.parameters.map(\.elements) == before.0)
        #expect(model.norms.map(\.runningMean) == before.1 && state.batchesTracked == before.2)
        #expect(model.norms.allSatisfy { !$0.isFrozen })
        let after = try loss.differentiate().loss
        let untouched = try item.makeModel(images.shape, .accelerated)
        #expect(after == (try TrainingRun(untouched, images: images, labels: [1, 2]).differentiate().loss))
    }

    @Test func mostProbableClassIsExplainedByDefault() throws {
        let item = try #require(fixture.cases.first)
        let cam = try GradCAM(of: try item.makeModel(images.shape, .direct), images)
        let expected = [0, 7].map { start in
            (0..<7).max { item.logits[start + $0] < item.logits[start + $1] }
        }
        #expect(cam.classes == expected)
    }

    private func sampledChannels(_ map: Tensor) -> [Float] {
        let channels = map.shape[1]
        return map.elements.enumerated().filter { $0.offset % channels % (channels / fixture.samples) == 0 }.map(
            \.element)
    }

    private func expectEqual(
        _ got: [Float]?, _ expected: [Double]?, _ item: Case, _ name: String, _ tolerance: Double
    ) {
        guard let got, let expected else {
            #expect(got == nil && expected == nil, "\(name) of \(item.model)")
            return
        }
        guard got.count == expected.count else {
            Issue.record("\(name) of \(item.model): \(got.count) values, expected \(expected.count)")
            return
        }
        let worst = zip(got, expected).map { abs(Double($0) - $1) }.max() ?? 0
        #expect(worst < tolerance, "\(name) of \(item.model)")
    }
}
