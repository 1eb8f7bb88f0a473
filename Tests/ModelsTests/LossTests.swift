import Kernels
import Models
import Tensors
import Testing

/// Losses beside cross-entropy, against PyTorch and against differences of themselves.
@Suite struct LossTests {
    private struct Fixture: Decodable {
        let shape: [Int]
        let labels: [Int32]
        let lambda: Double
        let scale: Double
        let crossChannel: [CrossChannel]
        let center: [Center]
        let smoothing: [Smoothing]
    }

    private struct CrossChannel: Decodable {
        let sizes: [Int]
        let kept: [[Bool]]
        let losses: [Double]
        let gradient: [Double]
    }

    private struct Center: Decodable {
        let losses: [Double]
        let gradient: [Double]
        let centers: [Double]
    }

    private struct Smoothing: Decodable {
        let smoothing: Double
        let losses: [Double]
        let gradient: [Double]
    }

    private let fixture: Fixture
    /// After a ReLU.
    private let features: [Float]

    init() throws {
        fixture = try loadPyTorchFixture("losses")
        features = deterministicWeights("images/features", shape: fixture.shape).map { max($0, 0) }
    }

    private func groups(_ sizes: [Int]) -> [Range<Int>] {
        sizes.indices.map { sizes[..<$0].reduce(0, +)..<sizes[...$0].reduce(0, +) }
    }

    @Test(arguments: [Layout.rowMajor, .channelBlocked(8), .channelBlocked(16)])
    func crossChannelLossEqualsPyTorchs(layout: Layout) {
        for item in fixture.crossChannel {
            let loss = CrossChannelLoss(groups: groups(item.sizes), diversityWeight: fixture.lambda)
            let (losses, gradient) = loss.evaluate(
                Tensor(features, shape: Shape(fixture.shape), layout: layout), labels: fixture.labels,
                masks: item.kept, scale: fixture.scale)
            #expect(relativeDifference(losses, from: item.losses) < 1e-6, "\(item.sizes)")
            #expect(gradient.layout == layout)
            #expect(
                relativeDifference(gradient.elements.map(Double.init), from: item.gradient) < 1e-6, "\(item.sizes)")
        }
    }

    @Test func crossChannelGradientIsTheDifferenceOfLosses() {
        let item = fixture.crossChannel[0]
        let loss = CrossChannelLoss(groups: groups(item.sizes), diversityWeight: fixture.lambda)
        func evaluate(_ features: [Float]) -> (losses: [Double], gradient: Tensor) {
            loss.evaluate(
                Tensor(features, shape: Shape(fixture.shape)), labels: fixture.labels, masks: item.kept, scale: 1)
        }
        // Without the ReLU, whose zeros are equal maxima.
        let start = deterministicWeights("images/features", shape: fixture.shape)
        let step: Float = 1e-3
        let measured = start.indices.map { index in
            var (above, below) = (start, start)
            above[index] += step
            below[index] -= step
            let difference = evaluate(above).losses.reduce(0, +) - evaluate(below).losses.reduce(0, +)
            return difference / Double(above[index] - below[index])
        }
        // Scores have single precision, a rounding of which is divided by the step.
        #expect(relativeDifference(evaluate(start).gradient.elements.map(Double.init), from: measured) < 1e-3)
    }

    @Test func masksLeaveOutHalfOfEachGroupByChance() {
        let loss = CrossChannelLoss(groups: [0..<1, 1..<5, 5..<10], diversityWeight: 1)
        var counts = [Int](repeating: 0, count: 10)
        for seed in 0..<1000 {
            var generator = RandomGenerator(UInt64(seed))
            let kept = loss.drawMask(&generator)
            #expect(kept.count == 10 && loss.groups.map { kept[$0].count { $0 } } == [1, 2, 3])
            for index in kept.indices where kept[index] { counts[index] += 1 }
        }
        #expect(counts[0] == 1000)
        // Five deviations of 1000 draws.
        #expect(counts[1..<5].allSatisfy { abs($0 - 500) < 80 } && counts[5...].allSatisfy { abs($0 - 600) < 80 })
    }

    @Test func channelsAreSharedOutToTheClasses() throws {
        #expect(ChannelsPerClass.auto.groups(channels: 11, classes: 4) == [0..<2, 2..<5, 5..<8, 8..<11])
        #expect(ChannelsPerClass.auto.groups(channels: 2048, classes: 200)?.map(\.count).reduce(0, +) == 2048)
        #expect(ChannelsPerClass.fixed(2).groups(channels: 11, classes: 4) == [0..<2, 2..<4, 4..<6, 6..<8])
        #expect(ChannelsPerClass.auto.groups(channels: 3, classes: 4) == nil)
        #expect(ChannelsPerClass.fixed(3).groups(channels: 11, classes: 4) == nil)
        #expect(ChannelsPerClass("0") == nil && ChannelsPerClass("7")?.description == "7")
    }

    @Test func centerLossEqualsPyTorchsAndItsCentersMove() throws {
        let loss = CenterLoss(classes: 4, channels: 6)
        for (step, item) in fixture.center.enumerated() {
            let pooled = Tensor(deterministicWeights("images/pooled/\(step)", shape: [5, 6]), shape: [5, 6])
            let (losses, gradient) = loss.evaluate(pooled, labels: [1, 3, 1, 0, 1], scale: fixture.scale)
            #expect(relativeDifference(losses, from: item.losses) < 1e-6)
            #expect(relativeDifference(gradient.elements.map(Double.init), from: item.gradient) < 1e-6)
            try loss.move(nil)
            #expect(relativeDifference(loss.centers.elements.map(Double.init), from: item.centers) < 1e-6)
        }
    }

    /// Two ranks' images move the centres as one rank's would.
    @Test func centersMoveByTheImagesOfAllRanks() throws {
        let pooled = Tensor(deterministicWeights("images/pooled/0", shape: [5, 6]), shape: [5, 6])
        let (whole, first, second) = (
            CenterLoss(classes: 4, channels: 6), CenterLoss(classes: 4, channels: 6),
            CenterLoss(classes: 4, channels: 6)
        )
        _ = whole.evaluate(pooled, labels: [1, 3, 1, 0, 1], scale: 1)
        try whole.move(nil)
        _ = first.evaluate(pooled.view(at: 0, shape: [2, 6]), labels: [1, 3], scale: 1)
        _ = second.evaluate(pooled.view(at: 12, shape: [3, 6]), labels: [1, 0, 1], scale: 1)
        var sums: [Double] = []
        try first.move { sums = $0 }
        try second.move { for index in $0.indices { $0[index] += sums[index] } }
        #expect(
            relativeDifference(second.centers.elements, from: whole.centers.elements) < 1e-6)
    }

    @Test func labelSmoothingEqualsPyTorchs() {
        let logits = Tensor(deterministicWeights("images/logits", shape: [3, 4]), shape: [3, 4])
        let targets = fixture.labels.map { ClassTarget($0) }
        for item in fixture.smoothing {
            let losses = SoftmaxCrossEntropy.losses(logits, targets: targets, smoothing: item.smoothing)
            #expect(relativeDifference(losses, from: item.losses) < 1e-6)
            let gradient = SoftmaxCrossEntropy.gradient(
                logits, targets: targets, smoothing: item.smoothing, scale: fixture.scale)
            #expect(relativeDifference(gradient.elements.map(Double.init), from: item.gradient) < 1e-6)
        }
    }

    /// A gradient of the logits, and what the classifier makes of it for the pooled features and for the feature map,
    /// are the same to the layers below.
    @Test(arguments: [BackendUnderTest.accelerated, .reference])
    func gradientsReachTheNetworkFromPooledFeaturesAndFeatureMap(_ backend: BackendUnderTest) throws {
        let shape: Shape = [2, 3, 64, 64]
        let model = ResNet(
            ModelConfiguration(architecture: .resnet18, classes: 3), input: shape, on: backend)
        let images = Tensor(deterministicWeights("images", shape: shape.dimensions), shape: shape)
        let toLogits: [Float] = [0.5, -1, 2, 1.5, 0, -0.25]
        let weight = try #require(model.parameters.first { $0.name == "fc.weight" }).elements
        var toPooled = [Float](repeating: 0, count: 2 * 512)
        for n in 0..<2 {
            for k in 0..<3 {
                for c in 0..<512 { toPooled[n * 512 + c] += toLogits[n * 3 + k] * weight[k * 512 + c] }
            }
        }
        func gradients(_ make: (ResNet.Output) -> ResNet.OutputGradient) throws -> [Float] {
            let output = try model.output(images, .training(nil))
            try model.backward(make(output))
            return model.parameters.filter { !$0.name.hasPrefix("fc.") }.flatMap(\.gradientElements)
        }
        let none = Tensor.zeros([2, 3])
        let pooled = Tensor(toPooled, shape: [2, 512])
        let expected = try gradients { _ in .init(logits: Tensor(toLogits, shape: [2, 3])) }
        let fromPooled = try gradients { _ in .init(logits: none, pooled: pooled) }
        let fromMap = try gradients {
            let map = model.backend.globalAveragePoolGradient(pooled, inputShape: $0.features.shape)
            return .init(logits: none, features: map)
        }
        #expect(relativeDifference(fromPooled, from: expected) < 1e-3)
        #expect(relativeDifference(fromMap, from: expected) < 1e-3)
    }
}
