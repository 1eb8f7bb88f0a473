import Kernels
import Tensors
import Tracing

/// A ResNet (He et al. 2016) with torchvision's structure, parameter names and initialisation, and attention.
///
/// One forward in training keeps its activations for one backward.
public final class ResNet {
    /// What the model was made from.
    public let configuration: ModelConfiguration
    /// What computes; all tensors of the model are its.
    public let backend: any Backend
    /// All parameters, torchvision's order.
    public let arena: ParameterArena

    let stem: ConvolutionBatchNorm
    let stemPool = PoolingGeometry(kernel: 3, stride: 2, padding: 1)
    let stages: [Stage]
    let head: Linear
    private var saved: Saved?

    private struct Saved {
        let pooling: PoolingTrace
        let features: Shape
        let reduction: StatisticsReduction?
    }

    /// - Parameters:
    ///   - configuration: what to make.
    ///   - input: the image batch (N, 3, H, W) that the model will mostly meet: filters are laid out for it.
    ///   - backend: computes.
    ///   - generator: initialises the weights; the same state gives the same weights with every backend.
    public init(
        _ configuration: ModelConfiguration, input: Shape, backend: any Backend, generator: inout RandomGenerator
    ) {
        self.configuration = configuration
        self.backend = backend
        // Attention's own, so that the rest of the network starts the same with any.
        var seeds = generator
        var attentionGenerator = RandomGenerator(seeds.next())
        stem = ConvolutionBatchNorm(
            convolution: "conv1", norm: "bn1",
            ConvolutionGeometry(inputChannels: 3, outputChannels: 64, kernel: 7, stride: 2, padding: 3), relu: true,
            input: input, backend: backend, generator: &generator)
        let architecture = configuration.architecture
        var shape = stemPool.outputShape(for: stem.outputShape)
        var stages: [Stage] = []
        for (index, blocks) in architecture.blocks.enumerated() {
            let stage = Stage(
                "layer\(index + 1)", input: shape, width: 64 << index, blocks: blocks, stride: index == 0 ? 1 : 2,
                bottleneck: architecture.hasBottlenecks, placement: configuration.placement,
                attention: { name, channels in
                    configuration.makeAttention(
                        name, channels: channels, backend: backend, generator: &attentionGenerator)
                }, backend: backend, generator: &generator)
            stages.append(stage)
            shape = stage.outputShape
        }
        self.stages = stages
        head = Linear(
            "fc", inputs: shape.channels, outputs: configuration.classes, backend: backend, generator: &generator)
        arena = ParameterArena(stem.parameters + stages.flatMap(\.parameters) + [head.weight, head.bias])
    }

    /// In torchvision's order.
    public var parameters: [Parameter] { arena.parameters }

    /// C of the last feature map (N, C, H, W).
    public var featureChannels: Int { stages[stages.count - 1].outputShape.channels }

    /// All batch norms, torchvision's order.
    public var norms: [BatchNormalization] { units.map(\.norm) }

    private var units: [ConvolutionBatchNorm] { [stem] + stages.flatMap(\.units) }

    /// Every convolution in forward order, with the shape of its input on the batch the model was made for, and its
    /// filter.
    public var convolutions: [(geometry: ConvolutionGeometry, input: Shape, filter: Tensor)] {
        units.map { unit in
            (unit.convolution.geometry, unit.inputShape, unit.convolution.weight.value)
        }
    }

    /// What a forward computes on the way to the logits, for losses that read it.
    public struct Output {
        /// The last feature map (N, C, H, W), in the backend's layout.
        public let features: Tensor
        /// Its means over positions (N, C), row-major.
        public let pooled: Tensor
        /// (N, classes), row-major.
        public let logits: Tensor
    }

    /// The gradients of a loss by an output; nil where it does not read it.
    public struct OutputGradient {
        /// dL/dlogits (N, classes), row-major.
        public let logits: Tensor
        /// dL/dpooled (N, C), row-major.
        public let pooled: Tensor?
        /// dL/dfeatures (N, C, H, W), in the backend's layout.
        public let features: Tensor?

        /// Of a loss that reads the logits and, if given, more.
        public init(logits: Tensor, pooled: Tensor? = nil, features: Tensor? = nil) {
            self.logits = logits
            self.pooled = pooled
            self.features = features
        }
    }

    /// Images (N, 3, H, W), row-major -> logits (N, classes), row-major.
    /// - Throws: what the pass's statistics reduction throws.
    public func forward(_ images: Tensor, _ pass: Pass) throws -> Tensor {
        try output(images, pass).logits
    }

    /// `forward` with what it computes on the way.
    /// - Throws: what the pass's statistics reduction throws.
    public func output(_ images: Tensor, _ pass: Pass) throws -> Output {
        let stemOutput = try stem.forward(images, pass)
        let (pooled, trace) = backend.recorder.span("maxpool forward", "forward") {
            backend.maxPool(stemOutput, stemPool, training: pass.isTraining)
        }
        let features = try stages.reduce(pooled) { try $1.forward($0, pass) }
        if case .training(let reduction) = pass, let trace {
            saved = Saved(pooling: trace, features: features.shape, reduction: reduction)
        }
        return backend.recorder.span("avgpool and fc forward", "forward") {
            let pooled = backend.globalAveragePool(features)
            return Output(
                features: features, pooled: pooled, logits: head.forward(pooled, training: pass.isTraining))
        }
    }

    /// What an inference computes with the weights as they are now, as operations.
    public var inferenceGraph: InferenceGraph {
        var graph = InferenceGraph()
        let x = graph.append(.maxPool(stemPool), stem.append(to: &graph, InferenceGraph.images))
        let features = stages.reduce(x) { $1.append(to: &graph, $0) }
        graph.scope = ""
        _ = head.append(to: &graph, graph.append(.meanOverPositions, features))
        return graph
    }

    /// Runs `body`, whose inferences take batch norm's running statistics into the filters: faster, and different by
    /// rounding. Weights and statistics must not change meanwhile.
    public func inferring<Result>(_ body: () throws -> Result) rethrows -> Result {
        let foldable = [stem] + stages.flatMap(\.foldableUnits)
        for unit in foldable { unit.fold() }
        defer { for unit in foldable { unit.unfold() } }
        return try body()
    }

    /// Sets every parameter's gradient from dLoss/dlogits (N, classes).
    /// - Parameters:
    ///   - logitsGradient: dLoss/dlogits (N, classes), row-major.
    ///   - completed: is told after each part of the network how many Floats at the start of the arena are done with:
    ///     their gradients are final, and their values are not read before the next forward. At last all of them.
    /// - Throws: what the forward's statistics reduction throws.
    public func backward(_ logitsGradient: Tensor, completed: (_ floats: Int) -> Void = { _ in }) throws {
        try backward(OutputGradient(logits: logitsGradient), completed: completed)
    }

    /// `backward` for a loss that reads more than the logits.
    public func backward(_ outputGradient: OutputGradient, completed: (_ floats: Int) -> Void = { _ in }) throws {
        guard let saved else { preconditionFailure("a backward needs a training forward before it") }
        self.saved = nil
        var remaining = parameters.count
        func complete(_ parameters: Int) {
            remaining -= parameters
            completed(arena.prefixCount(from: remaining))
        }
        var gradient = backend.recorder.span("avgpool and fc backward", "backward") {
            let ofLogits = head.backward(outputGradient.logits)
            let pooled = outputGradient.pooled.map { sum(ofLogits, $0) } ?? ofLogits
            return GradientSum(
                backend.globalAveragePoolGradient(pooled, inputShape: saved.features), outputGradient.features)
        }
        complete([head.weight, head.bias].count)
        for stage in stages.reversed() {
            gradient = try stage.backward(gradient, saved.reduction, completed: complete)
        }
        let pooled = backend.recorder.span("maxpool backward", "backward") {
            backend.maxPoolGradient(backend.total(gradient), trace: saved.pooling)
        }
        try stem.backwardToParameters(pooled, saved.reduction)
        complete(stem.parameters.count)
    }

    /// a + b, in the memory of a; both row-major.
    private func sum(_ a: Tensor, _ b: Tensor) -> Tensor {
        a.withUnsafeMutableBufferPointer { a in
            b.withUnsafeBufferPointer { b in
                for index in a.indices { a[index] += b[index] }
            }
        }
        return a
    }

    /// Every layer for one image of the size the model was made for.
    public var summaries: [LayerSummary] {
        let pooled = stemPool.outputShape(for: stem.outputShape)
        let features = stages[stages.count - 1].outputShape
        return stem.summaries + [
            LayerSummary(
                name: "maxpool", kind: "max pool 3x3 /2", outputShape: pooled, parameters: 0,
                operations: 9 * pooled.elementCount)
        ] + stages.flatMap(\.summaries) + [
            LayerSummary(
                name: "avgpool", kind: "average pool", outputShape: [features.batch, features.channels], parameters: 0,
                operations: features.elementCount),
            LayerSummary(
                name: "fc", kind: "linear", outputShape: [features.batch, configuration.classes],
                parameters: (features.channels + 1) * configuration.classes,
                operations: 2 * features.batch * features.channels * configuration.classes),
        ]
    }
}

extension ModelConfiguration.Architecture {
    /// Residual blocks a stage.
    var blocks: [Int] {
        switch self {
        case .resnet18: [2, 2, 2, 2]
        case .resnet34, .resnet50: [3, 4, 6, 3]
        case .resnet101: [3, 4, 23, 3]
        }
    }

    var hasBottlenecks: Bool {
        switch self {
        case .resnet18, .resnet34: false
        case .resnet50, .resnet101: true
        }
    }
}
