import Collectives
import Foundation

/// The network interfaces, and which of them Open MPI's TCP takes.
public struct NetworkCheck: Check {
    public struct Observation: Codable, Sendable {
        let interfaces: [NetworkInterface]
        let choice: InterfaceChoice
        /// Devices for which the library needs no TCP.
        let infiniBand: [String]
    }

    public let name = "network"
    public let scope = CheckScope.firstOfHost
    private let environment: [String: String]

    public init(environment: [String: String] = ProcessInfo.processInfo.environment) {
        self.environment = environment
    }

    public func observe(at site: Site, on communicator: any Communicator) throws -> Observation {
        let devices = try? FileManager.default.contentsOfDirectory(atPath: "/sys/class/infiniband")
        return Observation(
            interfaces: NetworkInterface.all(), choice: InterfaceChoice(environment: environment),
            infiniBand: (devices ?? []).sorted())
    }

    public func facts(in observation: Observation) -> [Fact] {
        let taken = observation.choice.taken(of: observation.interfaces)
        let others = observation.interfaces.filter { !taken.contains($0) && !$0.isLoopback }
        func text(_ interfaces: [NetworkInterface]) -> String { interfaces.map(\.text).joined(separator: "; ") }
        return [Fact("MPI over TCP", taken.isEmpty ? "no interface" : text(taken))]
            + (others.isEmpty ? [] : [Fact("other interfaces", text(others))])
            + (observation.infiniBand.isEmpty
                ? [] : [Fact("InfiniBand", observation.infiniBand.joined(separator: ", "))])
    }

    public func findings(in observations: [Observed<Observation>]) -> [Finding] {
        // Where all ranks share memory, nothing is sent.
        guard observations.count > 1 else { return [] }
        let hosts = observations.map { observed in
            HostNetwork(
                host: observed.site.host, taken: observed.value.choice.taken(of: observed.value.interfaces))
        }
        let names = SiteNames(observations.map(\.site))
        let remedy = HostNetwork.remedy(for: hosts)
        var findings: [Finding] = []
        let cut = observations.indices.filter { hosts[$0].taken.isEmpty }
        if !cut.isEmpty {
            let place = names.name(cut.map { observations[$0].site.rank }) ?? "all hosts"
            findings.append(
                Finding(
                    .problem,
                    "on \(place), no interface is left for MPI's TCP by btl_tcp_if_include and btl_tcp_if_exclude",
                    hint: remedy ?? "name networks that all hosts have: --mca btl_tcp_if_include 10.0.0.0/24"))
        }
        for (address, owners) in HostNetwork.sharedAddresses(of: hosts) {
            findings.append(
                Finding(
                    .warning,
                    "\(owners.prefix(3).joined(separator: ", ")) all have the address \(address), so that MPI may "
                        + "connect to the wrong one and hang",
                    hint: remedy ?? "exclude that interface: --mca btl_tcp_if_exclude lo,NAME"))
        }
        if cut.isEmpty, HostNetwork.commonNetworks(of: hosts).isEmpty {
            findings.append(
                Finding(
                    .note, "the hosts have no network in common: messages take the routes between their networks",
                    hint: "if MPI hangs, see that every host reaches every other one on all TCP ports"))
        } else if let crowded = hosts.first(where: { $0.taken.count > 1 }), observations[0].value.choice.isDefault {
            findings.append(
                Finding(
                    .note,
                    "\(crowded.host) has several interfaces, and MPI tries them all: "
                        + crowded.taken.map(\.name).joined(separator: ", "),
                    hint: remedy ?? "choose with --mca btl_tcp_if_include"))
        }
        if let slow = hosts.compactMap({ host in host.speed.map { (host.host, $0) } }).min(by: { $0.1 < $1.1 }),
            slow.1 <= 1000
        {
            findings.append(
                Finding(
                    .note,
                    "\(slow.0)'s interface carries \(slow.1) Mbit/s; the gradients of ResNet-50 are 820 Mbit a step",
                    hint: "--wire bfloat16 halves them; larger batches on each rank need fewer steps"))
        }
        return findings
    }
}

/// Which interfaces Open MPI's TCP takes: those of `btl_tcp_if_include`, else all but those of `btl_tcp_if_exclude`.
struct InterfaceChoice: Codable, Hashable, Sendable {
    /// Names of interfaces, or networks.
    let included, excluded: [String]
    /// Whether the user chose nothing.
    let isDefault: Bool

    init(environment: [String: String]) {
        func list(_ name: String) -> [String]? {
            environment["OMPI_MCA_btl_tcp_if_\(name)"].map { $0.split(separator: ",").map(String.init) }
        }
        let (include, exclude) = (list("include") ?? [], list("exclude"))
        included = include
        // The library's own default.
        excluded = exclude ?? ["127.0.0.1/8", "sppp"]
        isDefault = include.isEmpty && exclude == nil
    }

    func taken(of interfaces: [NetworkInterface]) -> [NetworkInterface] {
        interfaces.filter { interface in
            included.isEmpty
                ? !excluded.contains { Self.names($0, interface) } : included.contains { Self.names($0, interface) }
        }
    }

    private static func names(_ entry: String, _ interface: NetworkInterface) -> Bool {
        if entry == interface.name { return true }
        guard let network = NetworkAddress(entry) else { return false }
        return interface.addresses.contains { network.contains($0) }
    }
}

/// The interfaces of a host that MPI's TCP takes.
struct HostNetwork: Equatable {
    let host: String
    let taken: [NetworkInterface]

    /// In Mbit/s, of the slowest that tells.
    var speed: Int? { taken.compactMap(\.speed).min() }

    private var addresses: [NetworkAddress] { taken.flatMap(\.addresses) }

    /// Networks of which every host has an address of its own.
    static func commonNetworks(of hosts: [HostNetwork]) -> [NetworkAddress] {
        guard let first = hosts.first else { return [] }
        let shared = Set(sharedAddresses(of: hosts).map(\.address))
        return first.addresses.filter { !shared.contains($0.host) }.map(\.network).filter { network in
            hosts.allSatisfy { $0.addresses.map(\.network).contains(network) }
        }
    }

    /// Addresses that several hosts have, as those of bridges for containers often are.
    static func sharedAddresses(of hosts: [HostNetwork]) -> [(address: String, owners: [String])] {
        var owners: [String: [String]] = [:]
        for host in hosts { for address in host.addresses { owners[address.host, default: []].append(host.host) } }
        return owners.filter { $0.value.count > 1 }.sorted { $0.key < $1.key }.map { ($0.key, $0.value) }
    }

    /// The options that make MPI take a network that all hosts have.
    static func remedy(for hosts: [HostNetwork]) -> String? {
        commonNetworks(of: hosts).first.map {
            "mpirun --mca btl_tcp_if_include \($0.text) --mca oob_tcp_if_include \($0.text)"
        }
    }
}
