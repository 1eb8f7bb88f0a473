import Kernels
import Models
import Tensors
import Testing

/// What models are made of, against PyTorch's state dictionaries and torchvision's published numbers.
@Suite struct StructureTests {
    /// The numbers of torchvision's model table for 1000 classes and 224 × 224 pixels.
    struct Published: Sendable, CustomTestStringConvertible {
        let architecture: ModelConfiguration.Architecture
        let parameters: Int
        /// 10⁹ multiply-adds of convolutions and the classifier, rounded to two digits.
        let operations: Double
        var testDescription: String { architecture.rawValue }
    }

    static let published = [
        Published(architecture: .resnet18, parameters: 11_689_512, operations: 1.81),
        Published(architecture: .resnet34, parameters: 21_797_672, operations: 3.66),
        Published(architecture: .resnet50, parameters: 25_557_032, operations: 4.09),
        Published(architecture: .resnet101, parameters: 44_549_160, operations: 7.80),
    ]

    @Test(arguments: published)
    func plainModelsAreTorchvisions(_ published: Published) throws {
        let model = ResNet(
            ModelConfiguration(architecture: published.architecture, attention: .none, classes: 1000),
            input: [1, 3, 224, 224], on: .reference)
        #expect(model.parameters.reduce(0) { $0 + $1.shape.elementCount } == published.parameters)
        #expect(model.summaries.reduce(0) { $0 + $1.parameters } == published.parameters)
        let products = model.summaries.filter { $0.kind.hasPrefix("conv") || $0.kind == "linear" }
        let operations = Double(products.reduce(0) { $0 + $1.operations / 2 })
        #expect((operations / 1e7).rounded() / 100 == published.operations)
        try expectState(of: model, published.architecture.rawValue)
    }

    @Test func attentionInBlocksAddsItsWeights() throws {
        let plain = ResNet(
            ModelConfiguration(architecture: .resnet18, attention: .none, classes: 1000), input: [1, 3, 64, 64],
            on: .accelerated)
        let model = ResNet(
            ModelConfiguration(architecture: .resnet18, classes: 1000), input: [1, 3, 64, 64], on: .accelerated)
        try expectState(of: model, "resnet18-aam-block")
        let added = parameterCount(model) - parameterCount(plain)
        #expect(added == 8 * (5 + 98))
        let attention = model.summaries.filter { $0.kind == "attention" }
        #expect(attention.count == 8)
        #expect(attention.allSatisfy { $0.parameters == 5 + 98 && $0.operations > 0 })
    }

    @Test func attentionAfterStagesAddsItsWeights() throws {
        let model = ResNet(
            ModelConfiguration(
                architecture: .resnet50, placement: .stage, channelKernel: .auto, classes: 1000),
            input: [1, 3, 64, 64], on: .accelerated)
        try expectState(of: model, "resnet50-aam-stage")
        // 256, 512, 1024 and 2048 channels: log2(C)/2 + 1/2 = 4.5, 5, 5.5 and 6.
        #expect(parameterCount(model) == 25_557_032 + (5 + 5 + 5 + 7) + 4 * 98)
        #expect(model.summaries.filter { $0.kind == "attention" }.map(\.parameters) == [103, 103, 103, 105])
    }

    /// As `eca_kernel` in Tools/pytorch/aam_resnet.py.
    @Test func automaticChannelKernelFollowsTheRuleForAnyNumberOfChannels() {
        let sizes = [1, 16, 63, 64, 100, 127, 128, 511, 512, 1024, 2047, 2048].map {
            ChannelKernel.auto.size(channels: $0)
        }
        #expect(sizes == [3, 3, 3, 3, 3, 3, 5, 5, 5, 5, 5, 7])
    }

    @Test func otherAttentionHasPyTorchsNamesAndShapes() throws {
        let cbam = ResNet(
            ModelConfiguration(architecture: .resnet18, attention: .cbam, classes: 1000), input: [1, 3, 64, 64],
            on: .accelerated)
        try expectState(of: cbam, "resnet18-cbam-block")
        let se = ResNet(
            ModelConfiguration(architecture: .resnet18, attention: .se, placement: .stage, ratio: 4, classes: 1000),
            input: [1, 3, 64, 64], on: .accelerated)
        try expectState(of: se, "resnet18-se-stage")
        // 2·C²/r a stage of 64, 128, 256 and 512 channels.
        #expect(se.summaries.filter { $0.kind == "attention" }.map(\.parameters) == [2048, 8192, 32768, 131_072])
    }

    private func parameterCount(_ model: ResNet) -> Int {
        model.parameters.reduce(0) { $0 + $1.shape.elementCount }
    }

    /// Names and shapes, in any order.
    private func expectState(
        of model: ResNet, _ key: String, sourceLocation: SourceLocation = #_sourceLocation
    ) throws {
        let fixture: StateFixture = try loadPyTorchFixture("state-dictionaries")
        let expected = try #require(fixture.entries[key])
        let state = model.state
        let got = state.map { "\($0.name) \($0.shape)" }
        let missing = Set(expected).subtracting(got).sorted()
        let surplus = Set(got).subtracting(expected).sorted()
        #expect(
            missing.isEmpty && surplus.isEmpty, "missing \(missing), surplus \(surplus)", sourceLocation: sourceLocation
        )
        #expect(got.count == expected.count, "a name occurs twice", sourceLocation: sourceLocation)
        for entry in state {
            switch entry.values {
            case .float(let values):
                #expect(values.count == entry.shape.reduce(1, *), "\(entry.name)", sourceLocation: sourceLocation)
            case .integer:
                #expect(entry.name.hasSuffix(".num_batches_tracked"), sourceLocation: sourceLocation)
            }
        }
    }
}

/// Tests/Fixtures/pytorch/state-dictionaries.json: "name shape" of each entry, by model.
private struct StateFixture: Decodable {
    let entries: [String: [String]]

    init(from decoder: any Decoder) throws {
        let container = try decoder.container(keyedBy: Key.self)
        entries = try Dictionary(
            uniqueKeysWithValues: container.allKeys.filter { $0.stringValue != "made" }.map {
                ($0.stringValue, try container.decode([String].self, forKey: $0))
            })
    }

    private struct Key: CodingKey {
        let stringValue: String
        var intValue: Int? { nil }
        init?(stringValue: String) { self.stringValue = stringValue }
        init?(intValue: Int) { nil }
    }
}
