import Exporting
import Kernels
import Models
import Tensors
import Training

/// A model and how it is exported.
struct Variant {
    let configuration: ModelConfiguration
    var opset = OperatorSet.oldest
    var folded = false
    var softmax = false

    static let classNames = ["Crow", "Häher \"2\"", "3, Wren", "日本", "e"]

    init(
        _ attention: ModelConfiguration.Attention, _ placement: ModelConfiguration.Placement = .block,
        _ fusion: AttentionFusion = .sum, architecture: ModelConfiguration.Architecture = .resnet18,
        channelKernel: ChannelKernel = .fixed(5), spatialKernel: Int = 7, ratio: Int = 16, opset: Int = 17,
        folded: Bool = false, softmax: Bool = false
    ) {
        configuration = ModelConfiguration(
            architecture: architecture, attention: attention, placement: placement, fusion: fusion,
            channelKernel: channelKernel, spatialKernel: spatialKernel, ratio: ratio, classes: Self.classNames.count)
        self.opset = OperatorSet(opset)!
        self.folded = folded
        self.softmax = softmax
    }

    /// A model whose batch norms and attention are as if it had been trained.
    func makeModel() throws -> ResNet {
        var generator = RandomGenerator(3)
        let backend = AcceleratedBackend(threads: 1, convolutionMethod: .winograd)
        let model = ResNet(configuration, input: [3, 3, 96, 96], backend: backend, generator: &generator)
        var state: [String: [Float]] = [:]
        for entry in model.state {
            guard case .float(let values) = entry.values else { continue }
            let range: ClosedRange<Double>? =
                switch entry.name {
                case "fc.weight": nil
                // What is common to all images would hide what they differ in.
                case "fc.bias": 0...0
                case let name where name.contains("attention"): -0.3...0.3
                case let name where name.hasSuffix("running_var"): 0.5...1.5
                case let name where name.hasSuffix("running_mean") || name.hasSuffix("bias"): -0.1...0.1
                // Fifty layers add up; more would make of rounding what they like.
                case let name where name.hasSuffix("bn3.weight"): 0.1...0.3
                default: entry.shape.count == 1 ? 0.8...1.2 : nil
                }
            state[entry.name] =
                range.map { range in
                    values.map { _ in Float(generator.uniform(range.lowerBound, range.upperBound)) }
                } ?? values
        }
        try model.loadState(floats: { state[$0]! }, integer: { _ in 1 })
        return model
    }

    func export(_ model: ResNet) throws -> ExportedModel {
        try ExportedModel(
            model,
            ModelDescription(
                classNames: Self.classNames,
                preparation: ImagePreparation(Preprocessing(imageSize: 96, view: .center, cropBoxes: true)),
                checkpoint: "runs/cub/best", step: 12, isAverage: false, version: "1.2.3"), foldingBatchNorms: folded)
    }
}
