import Collectives
import Foundation

/// Where a rank runs.
public struct Site: Codable, Hashable, Sendable {
    public let rank: Int
    /// The host's name, with an address where several hosts of the job have the same one.
    public let host: String
    /// What tells machines apart: containers and network namespaces of one machine are different hosts, but share its
    /// processors, memory and clock.
    public let machine: String
    /// Whether this is the lowest rank of its host.
    public let isFirstOfHost: Bool

    public init(rank: Int, host: String, machine: String, isFirstOfHost: Bool) {
        self.rank = rank
        self.host = host
        self.machine = machine
        self.isFirstOfHost = isFirstOfHost
    }
}

/// What a process knows of the place where it runs.
package struct Whereabouts: Codable, Hashable {
    let host: String
    /// The kernel's name of the network namespace.
    let network: String
    /// The kernel's number of this start of the machine.
    let boot: String
    let address: String?

    package init(host: String, network: String, boot: String, address: String?) {
        self.host = host
        self.network = network
        self.boot = boot
        self.address = address
    }

    static func current(host: String) -> Whereabouts {
        let boot = try? KernelFile.text("/proc/sys/kernel/random/boot_id")
        let network = try? FileManager.default.destinationOfSymbolicLink(atPath: "/proc/self/ns/net")
        return Whereabouts(
            host: host, network: network ?? "", boot: boot?.trimmingCharacters(in: .whitespacesAndNewlines) ?? host,
            address: NetworkInterface.all().first { !$0.isLoopback }?.addresses.first?.host)
    }
}

extension Site {
    /// The sites of a job, in rank order.
    package static func all(of ranks: [Whereabouts]) -> [Site] {
        struct Host: Hashable { let name, network, boot: String }
        func host(_ place: Whereabouts) -> Host {
            Host(name: place.host, network: place.network, boot: place.boot)
        }
        var firstRanks: [Host: Int] = [:]
        for (rank, place) in ranks.enumerated() where firstRanks[host(place)] == nil {
            firstRanks[host(place)] = rank
        }
        let namesakes = Dictionary(grouping: firstRanks.keys, by: \.name).mapValues(\.count)
        return ranks.enumerated().map { rank, place in
            let first = firstRanks[host(place)] ?? rank
            let isUnique = namesakes[place.host] == 1
            let label = isUnique ? place.host : "\(place.host) (\(ranks[first].address ?? "of rank \(first)"))"
            return Site(rank: rank, host: label, machine: place.boot, isFirstOfHost: rank == first)
        }
    }

    /// The sites of all ranks, on every rank, which all must call it.
    static func all(on communicator: any Communicator) throws -> [Site] {
        let mine = try JSONEncoder().encode(Whereabouts.current(host: communicator.host))
        let gathered = try communicator.gather(Array(mine), to: 0)
        let places = try gathered.map { try JSONDecoder().decode(Whereabouts.self, from: Data($0)) }
        let sites = try communicator.broadcast(Array(JSONEncoder().encode(all(of: places))), from: 0)
        return try JSONDecoder().decode([Site].self, from: Data(sites))
    }
}
