import COneDNN
import Tensors
import Tracing

/// oneDNN for convolution, max pooling and inner products; Swift SIMD for everything that memory bandwidth bounds
/// (batch norm, elementwise, attention), where it needs fewer passes over memory.
///
/// Activations lie in one channel-blocked layout from the first convolution to the pooled features, so that nothing is
/// reordered between layers.
public final class AcceleratedBackend: Backend {
    public let name = "onednn"
    public let activationLayout: Layout
    public let pool: StoragePool
    public let threads: Int
    /// How convolutions are computed.
    public let convolutionMethod: ConvolutionMethod
    public var recorder: SpanRecorder?

    let engine = Engine()
    let team: ParallelTeam
    /// Channels in a block of `activationLayout`.
    let block: Int
    var convolutions: [ConvolutionKey: ConvolutionPlan] = [:]
    var primitives: [PrimitiveKey: Primitive] = [:]
    var packedDescriptors: [PackedLayout: dnnl_memory_desc_t] = [:]

    /// - Parameters:
    ///   - threads: threads a kernel uses; the calling thread is the one that must use the backend.
    ///   - convolutionMethod: how convolutions are computed.
    ///   - pool: where results come from.
    public init(
        threads: Int, convolutionMethod: ConvolutionMethod = .winograd, pool: StoragePool = StoragePool()
    ) {
        self.threads = threads
        self.convolutionMethod = convolutionMethod
        self.pool = pool
        team = ParallelTeam(threads: threads)
        block = engine.channelBlock
        activationLayout = .channelBlocked(engine.channelBlock)
    }

    /// A new activation.
    func activation(_ shape: Shape) -> Tensor {
        Tensor(shape, layout: activationLayout, pool: pool)
    }

    /// Plans are small, but images of unchanged size can bring a new shape with every batch.
    static let planLimit = 4096

    func primitive(_ key: PrimitiveKey, _ make: () -> Primitive) -> Primitive {
        if let known = primitives[key] { return known }
        if primitives.count >= Self.planLimit { primitives.removeAll() }
        let made = make()
        primitives[key] = made
        return made
    }

    /// oneDNN's description of a tensor in any of this backend's layouts.
    func descriptor(_ shape: Shape, _ layout: Layout) -> dnnl_memory_desc_t {
        guard case .packed(let packed) = layout else { return dnnl_memory_desc_t(shape, layout: layout) }
        guard let known = packedDescriptors[packed] else {
            preconditionFailure("a filter layout of another backend: \(packed.identifier)")
        }
        return known
    }
}

/// What a primitive other than a convolution depends on.
enum PrimitiveKey: Hashable {
    case reorder(Shape, from: Layout, to: Layout)
    case maxPool(Shape, kernel: Int, stride: Int, padding: Int, training: Bool)
    case maxPoolGradient(Shape, kernel: Int, stride: Int, padding: Int)
    case linear(batch: Int, inputs: Int, outputs: Int)
    case linearInputGradient(batch: Int, inputs: Int, outputs: Int)
    case linearWeightGradient(batch: Int, inputs: Int, outputs: Int)
}
