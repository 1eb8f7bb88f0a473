import ArgumentParser
import Planning

/// What joins the nodes that are planned: options, or a file of them.
struct NetworkArguments: ParsableArguments {
    @Option(
        help: "A TOML file with the following options' names as keys, which the options override.")
    var network: String?
    @Option(help: "Of a node's link in each direction: 10gbit, 100mbit.") var bandwidth: BandwidthArgument?
    @Option(help: "From a node to another, half of a round trip: 50us, 0.1ms. (default: 50us)") var latency:
        TimeArgument?
    @Option(help: "The part of the bandwidth that messages get. (default: 0.95, as TCP over Ethernet)")
    var efficiency: Double?
    @Option(help: "What a message costs the sender's and the receiver's processor. (default: 5us)")
    var messageOverhead: TimeArgument?
    @Option(help: "What a byte costs each of them, as the kernel's copies do: 0.3ns. (default: 0s)")
    var byteOverhead: TimeArgument?

    /// - Throws: `ConfigurationFileError`, `ValidationError`.
    func description() throws -> Network {
        let file = try network.map { try NetworkFile(path: $0).arguments }
        guard let bandwidth = bandwidth ?? file?.bandwidth else {
            throw ValidationError("How fast is the network? Give --bandwidth 10gbit, or --network FILE with it.")
        }
        let efficiency = efficiency ?? file?.efficiency ?? 0.95
        try require(efficiency > 0 && efficiency <= 1, "efficiency", "above 0 and at most 1", efficiency)
        return Network(
            bandwidth: bandwidth.bitsPerSecond, latency: (latency ?? file?.latency)?.seconds ?? 50e-6,
            efficiency: efficiency, messageOverhead: (messageOverhead ?? file?.messageOverhead)?.seconds ?? 5e-6,
            byteOverhead: (byteOverhead ?? file?.byteOverhead)?.seconds ?? 0)
    }
}

struct BandwidthArgument: ExpressibleByArgument {
    let bitsPerSecond: Double

    init?(argument: String) {
        guard let rate = Quantity.rate(argument) else { return nil }
        bitsPerSecond = rate
    }
}

struct TimeArgument: ExpressibleByArgument {
    let seconds: Double

    init?(argument: String) {
        guard let time = Quantity.time(argument) else { return nil }
        seconds = time
    }
}
