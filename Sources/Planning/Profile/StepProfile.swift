/// What a training step costs a rank where it waits for no other node: measured by `aam benchmark step --profile`, or
/// taken from a run's trace. Times are seconds, those of the slowest rank.
public struct StepProfile: Codable, Hashable, Sendable {
    /// As in `AAM-ResNet-18`.
    public var model: String
    /// Side of the images.
    public var imageSize: Int
    public var ranksPerNode: Int
    /// Threads that a rank computes with.
    public var threads: Int
    /// Processors that a rank has to itself.
    public var processors: Int
    /// Of the arena, gaps included.
    public var gradientBytes: Int
    /// Of one batch size at least, ascending.
    public var computations: [Computation]
    /// Moving all parameters.
    public var optimizer: Double
    /// Waiting for images, in each step.
    public var dataWait: Double
    public var sums: SumCosts

    public init(
        model: String, imageSize: Int, ranksPerNode: Int, threads: Int, processors: Int, gradientBytes: Int,
        computations: [Computation], optimizer: Double, dataWait: Double = 0, sums: SumCosts = .typical
    ) {
        self.model = model
        self.imageSize = imageSize
        self.ranksPerNode = ranksPerNode
        self.threads = threads
        self.processors = processors
        self.gradientBytes = gradientBytes
        self.computations = computations
        self.optimizer = optimizer
        self.dataWait = dataWait
        self.sums = sums
    }

    /// Forward and backward on some number of images.
    public struct Computation: Codable, Hashable, Sendable {
        /// Of a rank.
        public var images: Int
        /// With the loss.
        public var forward: Double
        /// When the backward had completed how much of the arena; at last all of it.
        public var backward: [Completion]

        public init(images: Int, forward: Double, backward: [Completion]) {
            self.images = images
            self.forward = forward
            self.backward = backward
        }

        public var seconds: Double { forward + (backward.last?.seconds ?? 0) }
    }

    /// The gradients of so many bytes at the arena's start were final so many seconds after the backward's start.
    public struct Completion: Codable, Hashable, Sendable {
        public var bytes: Int
        public var seconds: Double

        public init(bytes: Int, seconds: Double) {
            self.bytes = bytes
            self.seconds = seconds
        }
    }

    /// What summing costs a rank's processor, by bytes of gradients in single precision.
    public struct SumCosts: Codable, Hashable, Sendable {
        /// Seconds of a sum over the ranks of a node, however small.
        public var nodeCall: Double
        /// Seconds a byte of a sum over the ranks of a node.
        public var nodeByte: Double
        /// Seconds a byte of another node's term.
        public var add: Double
        /// Seconds a byte rounded to bfloat16, for the wire.
        public var encode: Double
        /// Seconds a byte of another node's term in bfloat16.
        public var addEncoded: Double
        /// Seconds a byte received in bfloat16.
        public var decode: Double

        public init(
            nodeCall: Double, nodeByte: Double, add: Double, encode: Double, addEncoded: Double, decode: Double
        ) {
            self.nodeCall = nodeCall
            self.nodeByte = nodeByte
            self.add = add
            self.encode = encode
            self.addEncoded = addEncoded
            self.decode = decode
        }

        /// Of a server of the years after 2015, where nothing was measured.
        public static let typical = SumCosts(
            nodeCall: 2e-5, nodeByte: 2e-10, add: 1e-10, encode: 1e-10, addEncoded: 1e-10, decode: 1e-10)
    }

    /// Processors are left beside those that compute, so that summing takes nothing from the computation.
    public var hasSpareProcessors: Bool { processors > threads }

    /// The computation on any number of images: a line through the two nearest that were measured, or in proportion to
    /// the only one.
    public func computation(images: Int) -> Computation {
        if let measured = computations.first(where: { $0.images == images }) { return measured }
        let nearest = computations.sorted { abs($0.images - images) < abs($1.images - images) }.prefix(2)
        guard let first = nearest.first else { preconditionFailure("a profile without a computation") }
        guard let second = nearest.dropFirst().first else {
            let factor = Double(images) / Double(first.images)
            return Computation(
                images: images, forward: factor * first.forward,
                backward: first.backward.map { Completion(bytes: $0.bytes, seconds: factor * $0.seconds) })
        }
        let part = Double(images - first.images) / Double(second.images - first.images)
        func between(_ a: Double, _ b: Double) -> Double { max(0, a + part * (b - a)) }
        return Computation(
            images: images, forward: between(first.forward, second.forward),
            backward: zip(first.backward, second.backward).map { a, b in
                Completion(bytes: a.bytes, seconds: between(a.seconds, b.seconds))
            })
    }
}
