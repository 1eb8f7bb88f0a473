import Kernels
import Models
import Tensors

/// One operation at one shape, ready to be run on any backend.
struct KernelCase {
    /// What one run costs at least.
    enum Work {
        /// Floating-point operations of the direct sum; a multiply-add counts as two.
        case operations(Int)
        /// Bytes read and written once.
        case bytes(Int)
    }

    let name: String
    let work: Work
    /// Makes operands on a backend for a batch and returns the operation, which returns all it computed.
    let prepare: (_ backend: any Backend, _ batch: Int) -> () -> [Tensor]
    let batch: Int
}

extension KernelCase {
    /// The three passes of a convolution.
    static func convolution(_ geometry: ConvolutionGeometry, input: Shape, isFirst: Bool) -> [KernelCase] {
        let output = geometry.outputShape(for: input)
        let filter = geometry.filterShape
        let work = Work.operations(geometry.operations(for: input))
        let title =
            "conv \(filter[2])x\(filter[3])\(geometry.stride > 1 ? "/\(geometry.stride)" : "") "
            + "\(filter[1])->\(filter[0]) at \(input.height)x\(input.width)"
        func operands(_ backend: any Backend, _ batch: Int) -> (x: Tensor, w: Tensor, dw: Tensor, g: Tensor) {
            let input = input.withBatch(batch)
            let layout = backend.filterLayout(for: geometry, input: input)
            let values = Tensor.pattern(filter)
            let (w, dw) = (Tensor(filter, layout: layout), Tensor(filter, layout: layout))
            backend.copyElements(from: values, to: w)
            return (
                .pattern(input, layout: isFirst ? .rowMajor : backend.activationLayout), w, dw,
                .pattern(output.withBatch(batch), layout: backend.activationLayout)
            )
        }
        let forward = KernelCase(
            name: "\(title) forward", work: work,
            prepare: { backend, batch in
                let (x, w, _, _) = operands(backend, batch)
                return { [backend.convolution(x, filter: w, geometry: geometry)] }
            }, batch: input.batch)
        let toFilter = KernelCase(
            name: "\(title) filter gradient", work: work,
            prepare: { backend, batch in
                let (x, _, dw, g) = operands(backend, batch)
                let rowMajor = Tensor(filter)
                return {
                    backend.convolutionFilterGradient(g, input: x, into: dw, geometry: geometry)
                    backend.copyElements(from: dw, to: rowMajor)
                    return [rowMajor]
                }
            }, batch: input.batch)
        guard !isFirst else { return [forward, toFilter] }
        let toInput = KernelCase(
            name: "\(title) input gradient", work: work,
            prepare: { backend, batch in
                let (x, w, _, g) = operands(backend, batch)
                return {
                    [backend.convolutionInputGradient(g, filter: w, inputShape: x.shape, geometry: geometry)]
                }
            }, batch: input.batch)
        return [forward, toInput, toFilter]
    }

    /// The passes over a feature map that memory bandwidth bounds. `maps` is how many maps of this shape a pass reads
    /// and writes.
    static func passes(over shape: Shape) -> [KernelCase] {
        func make(
            _ name: String, maps: Int, _ run: @escaping (Backend, PassOperands) -> [Tensor]
        ) -> KernelCase {
            KernelCase(
                name: "\(name) of \(shape.channels) channels at \(shape.height)x\(shape.width)",
                work: .bytes(maps * shape.elementCount * MemoryLayout<Float>.stride),
                prepare: { backend, batch in
                    let operands = PassOperands(backend, shape.withBatch(batch))
                    return { run(backend, operands) }
                }, batch: shape.batch)
        }
        return [
            make("batch norm sums", maps: 1) { backend, o in o.tensors(backend.batchNormSums(o.x.values)) },
            make("batch norm + relu", maps: 2) { backend, o in
                [backend.batchNorm(o.x.values, o.normalization, relu: true, inPlace: false)]
            },
            make("batch norm + relu, gradient sums", maps: 2) { backend, o in
                o.tensors(backend.batchNormGradientSums(o.g, input: o.x.values, o.normalization, relu: true))
            },
            make("batch norm + relu, input gradient", maps: 3) { backend, o in
                [
                    backend.batchNormInputGradient(
                        o.scratch, input: o.x.values, o.normalization, relu: true, sums: o.sums, count: o.count,
                        inPlace: true)
                ]
            },
            make("add + relu", maps: 3) { backend, o in [backend.add(o.x, o.shortcut, relu: true, inPlace: false)] },
            make("attention statistics", maps: 1) { backend, o in
                let statistics = backend.attentionStatistics(o.x, training: true)
                return [statistics.channelMaximum, statistics.positionMaps]
            },
            make("attention + shortcut + relu", maps: 3) { backend, o in
                [backend.attend(o.x, o.maps, shortcut: o.shortcut, relu: true, inPlace: false)]
            },
            make("attention, map gradients", maps: 5) { backend, o in
                let (g, channelMap, positionMap) = backend.attendMapGradients(
                    GradientSum(o.scratch, o.g), output: o.shortcut.values, input: o.x, o.maps, relu: true)
                return [g, channelMap, positionMap]
            },
            make("attention, norm gradient sums", maps: 2) { backend, o in
                o.tensors(backend.attendNormGradientSums(o.g, input: o.x, o.maps, o.statistics))
            },
            make("attention, input gradient", maps: 3) { backend, o in
                [
                    backend.attendNormInputGradient(
                        o.g, input: o.x, o.maps, o.statistics, sums: o.sums, count: o.count)
                ]
            },
        ]
    }
}

/// What passes over a feature map read, the same on every backend.
private struct PassOperands {
    let x: FeatureMap
    let shortcut: FeatureMap
    let normalization: Normalization
    let g: Tensor
    /// A gradient that is overwritten.
    let scratch: Tensor
    let maps: AttentionMaps
    let statistics: StatisticsGradient
    let sums: ChannelSums
    let count: Double

    init(_ backend: any Backend, _ shape: Shape) {
        let channels = shape.channels
        func map(_ seed: Int) -> Tensor { .pattern(shape, layout: backend.activationLayout, seed: seed) }
        normalization = Normalization(
            mean: (0..<channels).map { Float($0 % 5) / 16 }, inverseDeviation: [Float](repeating: 1.5, count: channels),
            scale: .pattern([channels], seed: 1), shift: .pattern([channels], seed: 2))
        x = FeatureMap(map(3), normalization)
        shortcut = FeatureMap(map(4))
        g = map(5)
        scratch = map(6)
        maps = AttentionMaps(
            channel: .pattern([shape.batch, channels], seed: 7),
            position: .pattern([shape.batch, shape.positions], seed: 8), fusion: .sum)
        let read = backend.attentionStatistics(x, training: true)
        statistics = StatisticsGradient(
            channelMaximum: (.pattern([shape.batch, channels], seed: 9), read),
            positionMaps: (.pattern([shape.batch, 2, shape.height, shape.width], seed: 10), read))
        sums = ChannelSums(
            first: [Double](repeating: 3, count: channels), second: [Double](repeating: 2, count: channels))
        count = Double(shape.batch * shape.positions)
    }

    func tensors(_ sums: ChannelSums) -> [Tensor] {
        [sums.first, sums.second].map { Tensor($0.map(Float.init), shape: [$0.count]) }
    }
}

extension Tensor {
    /// Elements between -1/2 and 1/2 that depend on their row-major index alone, not on the layout.
    fileprivate static func pattern(_ shape: Shape, layout: Layout = .rowMajor, seed: Int = 0) -> Tensor {
        let values = (0..<shape.elementCount).map { index in
            Float((index &* 2_654_435_761 &+ seed &* 40_503) >> 7 & 0xFFF) / 4096 - 0.5
        }
        return Tensor(values, shape: shape, layout: layout)
    }
}

extension Shape {
    fileprivate func withBatch(_ batch: Int) -> Shape { Shape([batch] + dimensions.dropFirst()) }
}
