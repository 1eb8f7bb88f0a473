import Kernels
import Tensors

/// A convolution and the batch norm behind it, with or without ReLU: the unit that ResNets are made of.
final class ConvolutionBatchNorm {
    let convolution: Convolution
    let norm: BatchNormalization
    private let relu: Bool
    private let backend: any Backend
    /// Convolution and norm as one, while the weights stay as they are.
    private var folded: (any InferenceConvolution)?

    /// Of the input that the unit will mostly meet.
    let inputShape: Shape
    let outputShape: Shape

    init(
        convolution convolutionName: String, norm normName: String, _ geometry: ConvolutionGeometry, relu: Bool,
        input: Shape, backend: any Backend, generator: inout RandomGenerator
    ) {
        convolution = Convolution(
            convolutionName, geometry, input: input, backend: backend, generator: &generator)
        norm = BatchNormalization(normName, channels: geometry.outputChannels, relu: relu, backend: backend)
        self.relu = relu
        self.backend = backend
        inputShape = input
        outputShape = geometry.outputShape(for: input)
    }

    var parameters: [Parameter] { [convolution.weight, norm.scale, norm.shift] }

    func forward(_ input: Tensor, _ pass: Pass) throws -> Tensor {
        switch pass {
        case .inference, .observing: return folded?(input) ?? norm.infer(convolution.forward(input, training: false))
        case .training(let reduction):
            return try norm.train(convolution.forward(input, training: true), reduction: reduction)
        }
    }

    /// Makes one operation of convolution and norm for the inferences until `unfold`.
    func fold() {
        folded = backend.inferenceConvolution(
            filter: convolution.weight.value, norm.runningNormalization, relu: relu, geometry: convolution.geometry)
    }

    func unfold() { folded = nil }

    /// The convolution's output and what the norm will make of it, for an operation that normalises on the way.
    func features(_ input: Tensor, _ pass: Pass) throws -> FeatureMap {
        let x = convolution.forward(input, training: pass.isTraining)
        switch pass {
        case .inference, .observing: return FeatureMap(x, norm.runningNormalization)
        case .training(let reduction): return FeatureMap(x, try norm.trainingNormalization(of: x, reduction: reduction))
        }
    }

    /// What an inference's forward computes, as operations.
    func append(to graph: inout InferenceGraph, _ input: InferenceGraph.Value) -> InferenceGraph.Value {
        norm.append(to: &graph, convolution.append(to: &graph, input))
    }

    /// Overwrites `outputGradient`.
    func backward(_ outputGradient: Tensor, _ reduction: StatisticsReduction?) throws -> Tensor {
        convolution.backward(try norm.backward(outputGradient, reduction: reduction))
    }

    /// The first layer's backward, which has no input gradient.
    func backwardToParameters(_ outputGradient: Tensor, _ reduction: StatisticsReduction?) throws {
        convolution.backwardToWeight(try norm.backward(outputGradient, reduction: reduction))
    }

    var summaries: [LayerSummary] {
        let geometry = convolution.geometry
        let filter = geometry.filterShape
        return [
            LayerSummary(
                name: String(convolution.weight.name.dropLast(".weight".count)),
                kind: "conv \(filter[2])x\(filter[3])" + (geometry.stride > 1 ? " /\(geometry.stride)" : ""),
                outputShape: outputShape, parameters: filter.elementCount,
                operations: geometry.operations(for: inputShape)),
            LayerSummary(
                name: norm.name, kind: relu ? "batch norm + relu" : "batch norm", outputShape: outputShape,
                parameters: 2 * outputShape.channels, operations: 2 * outputShape.elementCount),
        ]
    }
}
