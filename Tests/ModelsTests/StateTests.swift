import Kernels
import Models
import Tensors
import Testing

@Suite struct StateTests {
    static let configuration = ModelConfiguration(architecture: .resnet18, classes: 7)
    static let input: Shape = [2, 3, 64, 64]
    static let images = Tensor(deterministicWeights("images", shape: input.dimensions), shape: input)

    @Test(arguments: BackendUnderTest.all)
    func reloadedModelPredictsTheSame(_ backend: BackendUnderTest) throws {
        let trained = try Self.trainedModel(backend)
        let reloaded = ResNet(Self.configuration, input: Self.input, on: backend, seed: 2)
        let before = try reloaded.forward(Self.images, .inference).elements
        try reloaded.loadState(of: trained)
        let expected = try trained.forward(Self.images, .inference).elements
        #expect(before != expected)
        #expect(try reloaded.forward(Self.images, .inference).elements == expected)
        let expectedInTraining = try trained.forward(Self.images, .training(nil)).elements
        #expect(try reloaded.forward(Self.images, .training(nil)).elements == expectedInTraining)
    }

    @Test(arguments: BackendUnderTest.all)
    func foldedNormsChangeNothingButRounding(_ backend: BackendUnderTest) throws {
        let model = try Self.trainedModel(backend)
        let expected = try model.forward(Self.images, .inference).elements
        let folded = try model.inferring { try model.forward(Self.images, .inference).elements }
        #expect(relativeDifference(folded, from: expected) < 1e-4)
        let after = try model.forward(Self.images, .inference).elements
        #expect(after == expected)
    }

    @Test(arguments: [
        (BackendUnderTest.accelerated, BackendUnderTest.reference), (.reference, .accelerated),
    ])
    func stateSurvivesAChangeOfBackend(_ first: BackendUnderTest, _ second: BackendUnderTest) throws {
        let trained = try Self.trainedModel(first)
        let other = ResNet(Self.configuration, input: Self.input, on: second, seed: 2)
        try other.loadState(of: trained)
        #expect(trained.norms.allSatisfy { $0.batchesTracked == 1 })
        for (expected, got) in zip(trained.state, other.state) {
            #expect(got.name == expected.name && got.shape == expected.shape)
            #expect(got.values.floats == expected.values.floats, "\(got.name)")
            #expect(got.values.integer == expected.values.integer, "\(got.name)")
        }
    }

    @Test func loadingPassesOnWhatIsWrongWithTheFile() {
        struct Absent: Error, Equatable { let name: String }
        let model = ResNet(Self.configuration, input: Self.input, on: .reference)
        let state = Dictionary(uniqueKeysWithValues: model.state.map { ($0.name, $0.values) })
        #expect(throws: Absent(name: "layer4.0.bn1.running_var")) {
            try model.loadState(
                floats: { name in
                    guard name != "layer4.0.bn1.running_var" else { throw Absent(name: name) }
                    return state[name]!.floats
                }, integer: { state[$0]!.integer })
        }
        #expect(throws: Absent(name: "bn1.num_batches_tracked")) {
            try model.loadState(floats: { state[$0]!.floats }, integer: { throw Absent(name: $0) })
        }
    }

    /// After one step from deterministic weights, so that no entry has its initial value.
    private static func trainedModel(_ backend: BackendUnderTest) throws -> ResNet {
        let model = ResNet(configuration, input: input, on: backend)
        try model.loadDeterministicWeights()
        let run = TrainingRun(model, images: images, labels: [1, 4])
        try run.differentiate()
        run.step(.usual)
        return model
    }
}
