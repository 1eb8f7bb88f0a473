/// What joins the nodes: a link for each, which carries as much in both directions at once, into a switch that is
/// never the limit.
public struct Network: Codable, Hashable, Sendable {
    /// Bits a second of a link in each direction.
    public var bandwidth: Double
    /// Seconds from a node to any other.
    public var latency: Double
    /// The part of the bandwidth that is left for messages. TCP over Ethernet's frames of 1500 bytes has 0.95.
    public var efficiency: Double
    /// Seconds that a message costs each of the two processors, however small it is.
    public var messageOverhead: Double
    /// Seconds that a byte costs each of the two processors, as the kernel's copies of TCP do.
    public var byteOverhead: Double

    public init(
        bandwidth: Double, latency: Double, efficiency: Double = 0.95, messageOverhead: Double = 5e-6,
        byteOverhead: Double = 0
    ) {
        precondition(bandwidth > 0 && efficiency > 0 && efficiency <= 1, "a network that carries nothing")
        precondition(
            latency >= 0 && messageOverhead >= 0 && byteOverhead >= 0, "a network that takes less than no time")
        self.bandwidth = bandwidth
        self.latency = latency
        self.efficiency = efficiency
        self.messageOverhead = messageOverhead
        self.byteOverhead = byteOverhead
    }

    /// Bytes a second that messages get in each direction while both are in use: the link's share, or what a processor
    /// manages to send and to receive.
    public var bytesPerSecond: Double {
        min(efficiency * bandwidth / 8, byteOverhead > 0 ? 1 / (2 * byteOverhead) : .infinity)
    }

    /// The part of a processor that a link in use in both directions takes.
    var processorShare: Double { 2 * byteOverhead * bytesPerSecond }
}
