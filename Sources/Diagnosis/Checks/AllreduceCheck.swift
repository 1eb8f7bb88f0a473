import Benchmarking
import Collectives
import Foundation

/// Latency and bandwidth of sums over the ranks, of all, of those of a host and of one on each host; checked first.
public struct AllreduceCheck: Check {
    public struct Observation: Codable, Sendable {
        /// Nil where there is but one rank.
        let all, withinHost, betweenHosts: Figures?
        let hosts: Int
        /// In Mbit/s, of the slowest interface that MPI's TCP takes on this host, where the driver tells.
        let linkSpeed: Int?
    }

    /// Seconds of a sum of 8 bytes, and of `largeBytes`.
    public struct Figures: Codable, Hashable, Sendable {
        let small, large: Double
    }

    public let name = "allreduce"
    public let scope = CheckScope.host
    static let largeBytes = 16 << 20
    /// Bytes of the gradients of ResNet-50.
    private static let gradientBytes = 102_000_000.0
    /// What should be reached of a link's speed, and of memory in GB/s, at the least.
    private static let (leastOfLink, leastWithinHost) = (0.3, 0.3)
    /// Seconds for a sum of 8 bytes between hosts: switched Ethernet takes some 0.1 ms.
    private static let mostLatency = 2e-3
    private let environment: [String: String]

    public init(environment: [String: String] = ProcessInfo.processInfo.environment) {
        self.environment = environment
    }

    public func observe(at site: Site, on communicator: any Communicator) throws -> Observation {
        let firsts = try communicator.gather([Int64(site.isFirstOfHost ? 1 : 0)], to: 0).reduce(0) { $0 + $1[0] }
        let hosts = Int(try communicator.allreduce(firsts, .max))
        let taken = InterfaceChoice(environment: environment).taken(of: NetworkInterface.all())
        let all = try figures(on: communicator)
        var (within, between): (Result<Figures?, any Error>, Result<Figures?, any Error>) = (
            .success(nil), .success(nil)
        )
        if hosts > 1 {
            // Ranks of a host in one part, and then one rank of each host in one part. A part that fails must not leave
            // the others waiting.
            let host = try communicator.split(color: lowestRank(of: site, on: communicator))
            within = try attempt { try figures(on: host) }
            let leaders = try communicator.split(color: site.isFirstOfHost ? 0 : 1)
            // The others keep still, or they would disturb.
            if site.isFirstOfHost { between = try attempt { try figures(on: leaders) } }
            try communicator.barrier()
        }
        return Observation(
            all: all, withinHost: try within.get(), betweenHosts: try between.get(), hosts: hosts,
            linkSpeed: taken.compactMap(\.speed).min())
    }

    /// - Throws: failures of communication.
    private func attempt(_ body: () throws -> Figures?) throws -> Result<Figures?, any Error> {
        do {
            return .success(try body())
        } catch let error as any CommunicationFailure {
            throw error
        } catch {
            return .failure(error)
        }
    }

    /// Of this rank's host.
    private func lowestRank(of site: Site, on communicator: any Communicator) throws -> Int {
        let hosts = try communicator.broadcast(try communicator.gather(site.host, to: 0), from: 0)
        return hosts.firstIndex(of: site.host) ?? communicator.rank
    }

    private func figures(on communicator: any Communicator) throws -> Figures? {
        guard communicator.size > 1 else { return nil }
        let benchmark = AllreduceBenchmark(
            on: communicator, mebibytes: Self.largeBytes >> 20, wire: .float32, rival: nil)
        return Figures(
            small: try benchmark.seconds(ofBytes: 8, budget: 0.2),
            large: try benchmark.seconds(ofBytes: Self.largeBytes, budget: 1))
    }

    public func facts(in observation: Observation) -> [Fact] {
        guard let all = observation.all else { return [Fact("all ranks", "one rank: nothing to sum")] }
        func text(_ figures: Figures) -> String {
            "8 B in \(Fact.text(seconds: figures.small)), 16 MiB in \(Fact.text(seconds: figures.large)) "
                + "(\(Fact.text(Double(Self.largeBytes) / figures.large / 1e9, "GB/s")))"
        }
        let step = all.large * Self.gradientBytes / Double(Self.largeBytes)
        return [Fact("all ranks", text(all))]
            + (observation.withinHost.map { [Fact("within the host", text($0))] } ?? [])
            + (observation.betweenHosts.map { [Fact("between hosts", text($0))] } ?? [])
            + [Fact("a step's sum", "ResNet-50: about \(Fact.text(seconds: step)), during the backward")]
    }

    public func findings(in observations: [Observed<Observation>]) -> [Finding] {
        let speed = observations.compactMap(\.value.linkSpeed).min()
        let names = SiteNames(observations.map(\.site))
        var findings: [Finding] = []
        if let first = observations.first?.value, let between = first.betweenHosts {
            findings += Self.findings(between: between, hosts: first.hosts, linkSpeed: speed)
        }
        let slow = observations.filter { observed in
            let figures = observed.value.withinHost ?? (observed.value.hosts == 1 ? observed.value.all : nil)
            return figures.map { Double(Self.largeBytes) / $0.large / 1e9 < Self.leastWithinHost } ?? false
        }
        if !slow.isEmpty {
            let place = names.name(slow.map(\.site.rank)).map { "on \($0), " } ?? ""
            findings.append(
                Finding(
                    .warning,
                    "\(place)the ranks of the host sum less than \(Self.leastWithinHost) GB/s through shared memory",
                    hint: "see whether other programs take the processors or ranks share them (threads, above)"))
        }
        return findings
    }

    /// - Parameter linkSpeed: in Mbit/s.
    static func findings(between figures: Figures, hosts: Int, linkSpeed: Int?) -> [Finding] {
        var findings: [Finding] = []
        // Each host sends, and receives, its part of every other's buffer twice.
        let sent = 2 * Double(hosts - 1) / Double(hosts) * Double(largeBytes) * 8 / figures.large / 1e6
        if let linkSpeed, sent < leastOfLink * Double(linkSpeed) {
            findings.append(
                Finding(
                    .warning,
                    "between hosts, each sends \(Fact.text(sent, "Mbit/s")) while it sums, "
                        + "\(Int(100 * sent / Double(linkSpeed))) % of its interface's \(linkSpeed)",
                    hint:
                        "see that MPI takes the fast network (network, above), that nothing else uses it, and its MTU and cables "
                        + "(ethtool, iperf3)"))
        }
        if figures.small > mostLatency {
            findings.append(
                Finding(
                    .warning, "a sum of 8 bytes between hosts takes \(Fact.text(seconds: figures.small))",
                    hint:
                        "hosts should be on one switch; ranks that share processors also wait for each other (threads, above)"
                ))
        }
        return findings
    }
}
