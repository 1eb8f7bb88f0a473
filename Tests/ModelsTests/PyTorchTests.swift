import Kernels
import Models
import Tensors
import Testing

/// Whole models against PyTorch: forward, loss, every gradient, and training.
///
/// Each tolerance is a multiple of the error that PyTorch itself makes in single precision, or a part of the quantity's
/// scale where that is more. The largest errors that were measured, on both backends, with AVX-512, stand at each in
/// units of what it allows.
@Suite struct PyTorchTests {
    /// Logits and loss. Measured: 0.43.
    static let forward = Agreement(multiple: 3, floor: 2e-6)
    /// Norms, sums and elements of gradients. Measured: 0.47.
    static let gradients = Agreement(multiple: 10, floor: 2e-5)
    /// Where a rounding error moves ReLUs across zero, so that PyTorch's own norms are up to 6 % off. Measured: 0.50.
    static let illConditionedGradients = Agreement(multiple: 10, floor: 1e-3)
    /// The same with Winograd's convolutions. Measured: 0.41.
    static let illConditionedGradientsOfWinograd = Agreement(multiple: 30, floor: 1e-3)
    /// Losses of the steps, and norms of parameters, running statistics and logits after them. Measured: 0.35.
    static let training = Agreement(multiple: 3, floor: 5e-6)
    /// The same with Winograd's convolutions. Measured: 0.47.
    static let trainingOfWinograd = Agreement(multiple: 60, floor: 1e-4)

    static let trained = ["resnet18-aam-block-sum", "resnet18-none", "resnet18-aam-stage-product"]

    @Test(arguments: trained, BackendUnderTest.all)
    func forwardAndGradientsEqualPyTorchs(_ name: String, _ backend: BackendUnderTest) throws {
        try checkFirstStep(name, backend, Self.gradients)
    }

    @Test(arguments: BackendUnderTest.all)
    func gradientsOfBottlenecksEqualPyTorchs(_ backend: BackendUnderTest) throws {
        try checkFirstStep(
            "resnet50-aam-block-sum", backend,
            backend.roundsMore ? Self.illConditionedGradientsOfWinograd : Self.illConditionedGradients)
    }

    @Test(arguments: trained, BackendUnderTest.all)
    func trainingEqualsPyTorchs(_ name: String, _ backend: BackendUnderTest) throws {
        let fixture: TrainingFixture = try loadPyTorchFixture(name)
        let run = try makeRun(fixture, backend)
        let optimizer = try #require(fixture.optimizer)
        let update = MomentumUpdate(
            learningRate: optimizer.learningRate, momentum: optimizer.momentum, weightDecay: optimizer.weightDecay,
            nesterov: false)
        var agreement = backend.roundsMore ? Self.trainingOfWinograd : Self.training
        var losses: [Double] = []
        for _ in 0..<optimizer.steps {
            losses.append(try run.differentiate().loss)
            run.step(update)
        }
        agreement.compare("loss of step", losses, try #require(fixture.stepLosses))
        let norms = try #require(fixture.parameterNormsAfter)
        for parameter in run.model.parameters {
            let expected = try #require(norms[parameter.name], "\(parameter.name) is not PyTorch's")
            agreement.compare("norm of \(parameter.name)", [norm(parameter.elements)], expected)
        }
        let state = Dictionary(uniqueKeysWithValues: run.model.state.map { ($0.name, $0.values) })
        let statistics = try #require(fixture.runningStatisticsAfter)
        #expect(statistics.count == 4)
        for (name, expected) in statistics {
            agreement.compare(name, try #require(state[name]).floats.map(Double.init), expected)
        }
        #expect(run.model.norms.allSatisfy { $0.batchesTracked == optimizer.steps })
        agreement.compare(
            "logits after training", try run.evaluate().map(Double.init), try #require(fixture.evalLogitsAfter))
        agreement.report()
    }

    private func makeRun(_ fixture: TrainingFixture, _ backend: BackendUnderTest) throws -> TrainingRun {
        let model = ResNet(try fixture.configuration(), input: Shape(fixture.imageShape), on: backend)
        try model.loadDeterministicWeights()
        return TrainingRun(model, images: fixture.imageTensor, labels: fixture.labels)
    }

    private func checkFirstStep(_ name: String, _ backend: BackendUnderTest, _ tolerance: Agreement) throws {
        let fixture: TrainingFixture = try loadPyTorchFixture(name)
        let run = try makeRun(fixture, backend)
        var forward = Self.forward
        forward.compare("evaluation logits", try run.evaluate().map(Double.init), fixture.evalLogitsBefore)
        let (loss, logits) = try run.differentiate()
        forward.compare("training logits", logits.elements.map(Double.init), fixture.logits)
        forward.compare("loss", [loss], fixture.loss)
        forward.report()

        var gradients = tolerance
        #expect(Set(run.model.parameters.map(\.name)) == Set(fixture.gradients.keys))
        for parameter in run.model.parameters {
            guard let expected = fixture.gradients[parameter.name] else { continue }
            let gradient = parameter.gradientElements
            gradients.compare("norm of gradient of \(parameter.name)", [norm(gradient)], expected.norm)
            // A sum may cancel to nothing, so that its rounding is relative to the elements.
            gradients.compare(
                "sum of gradient of \(parameter.name)", [gradient.reduce(0) { $0 + Double($1) }], expected.sum,
                scale: expected.norm.truth[0])
            if let indices = expected.indices, let values = expected.values {
                gradients.compare(
                    "gradient of \(parameter.name)", indices.map { Double(gradient[$0]) }, values, places: indices)
            }
        }
        gradients.report()
    }
}

/// The Euclidean norm.
private func norm(_ values: [Float]) -> Double {
    values.reduce(0.0) { $0 + Double($1) * Double($1) }.squareRoot()
}
