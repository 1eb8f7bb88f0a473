/// When everything happens in a step, in seconds from its start.
public struct StepTimeline: Codable, Hashable, Sendable {
    public struct Bucket: Codable, Hashable, Sendable {
        public let bytes: Int
        /// Its gradients are final.
        public internal(set) var ready: Double
        /// Its sum begins: the buckets before it are done.
        public internal(set) var start: Double
        /// It is summed over all ranks.
        public internal(set) var summed: Double
        /// Its parameters have moved.
        public internal(set) var moved: Double
    }

    /// The images are there.
    public let loaded: Double
    public let forwardEnd: Double
    public let backwardEnd: Double
    public let buckets: [Bucket]
    /// With the sum of the losses.
    public let end: Double
    /// How long the node's link was in use.
    public let linkSeconds: Double
}
