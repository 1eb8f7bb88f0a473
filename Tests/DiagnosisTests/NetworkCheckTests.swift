import Diagnosis
import Testing

@Suite struct NetworkCheckTests {
    /// - Parameters:
    ///   - interfaces: by name: address and length of its network's prefix, and Mbit/s or nil.
    private func host(
        _ rank: Int, _ interfaces: [(name: String, address: String, speed: Int?)], include: String = ""
    ) throws -> Observed<NetworkCheck.Observation> {
        let list = interfaces.map { name, address, speed in
            let parts = address.split(separator: "/")
            let number = parts[0].split(separator: ".").reduce(0) { $0 << 8 | (Int($1) ?? 0) }
            return """
                {"name": "\(name)", "isLoopback": \(name == "lo"), \(speed.map { "\"speed\": \($0)," } ?? "")
                 "addresses": [{"number": \(number), "prefix": \(parts[1])}]}
                """
        }
        let excluded = include.isEmpty ? "\"127.0.0.1/8\", \"sppp\"" : ""
        return try observed(
            NetworkCheck.Observation.self,
            """
            {"interfaces": [\(list.joined(separator: ","))], "infiniBand": [],
             "choice": {"included": [\(include.isEmpty ? "" : "\"\(include)\"")], "excluded": [\(excluded)],
                        "isDefault": \(include.isEmpty)}}
            """, rank: rank, host: "h\(rank)")
    }

    private let check = NetworkCheck(environment: [:])

    @Test func theLoopbackIsLeftOutByDefault() throws {
        let host = try host(0, [("lo", "127.0.0.1/8", nil), ("eth0", "10.0.0.1/24", 10000)])
        #expect(check.facts(in: host.value) == [Fact("MPI over TCP", "eth0 10.0.0.1/24, 10 Gbit/s")])
    }

    @Test(arguments: ["eth1", "10.0.1.0/24", "10.0.1/24"])
    func interfacesAreChosenByNameOrNetwork(include: String) throws {
        let host = try host(
            0, [("lo", "127.0.0.1/8", nil), ("eth0", "10.0.0.1/24", nil), ("eth1", "10.0.1.1/24", 100)],
            include: include)
        #expect(
            check.facts(in: host.value) == [
                Fact("MPI over TCP", "eth1 10.0.1.1/24, 100 Mbit/s"), Fact("other interfaces", "eth0 10.0.0.1/24"),
            ])
    }

    @Test func hostsOnOneNetworkAreFine() throws {
        let hosts = try (0..<3).map { try host($0, [("eth0", "10.0.0.\($0 + 1)/24", 10000)]) }
        #expect(check.findings(in: hosts) == [])
    }

    @Test func oneHostSendsNothing() throws {
        #expect(check.findings(in: [try host(0, [])]) == [])
    }

    @Test func addressesThatSeveralHostsHaveAreWarnedOf() throws {
        let hosts = try (0..<2).map { rank in
            try host(rank, [("eth0", "10.0.0.\(rank + 1)/24", nil), ("docker0", "172.17.0.1/16", nil)])
        }
        let remedy = "mpirun --mca btl_tcp_if_include 10.0.0.0/24 --mca oob_tcp_if_include 10.0.0.0/24"
        #expect(
            check.findings(in: hosts).texts == [
                "warning: h0, h1 all have the address 172.17.0.1, so that MPI may connect to the wrong one and hang -> "
                    + remedy,
                "note: h0 has several interfaces, and MPI tries them all: eth0, docker0 -> \(remedy)",
            ])
    }

    @Test func choicesThatLeaveNothingAreProblems() throws {
        let hosts = [
            try host(0, [("eth0", "10.0.0.1/24", nil)], include: "eth0"),
            try host(1, [("enp3s0", "10.0.0.2/24", nil)], include: "eth0"),
        ]
        #expect(
            check.findings(in: hosts).texts == [
                "problem: on h1, no interface is left for MPI's TCP by btl_tcp_if_include and btl_tcp_if_exclude -> name "
                    + "networks that all hosts have: --mca btl_tcp_if_include 10.0.0.0/24"
            ])
    }

    @Test func hostsWithoutACommonNetworkAndSlowOnesAreNoted() throws {
        let hosts = [try host(0, [("a", "10.0.0.1/24", 1000)]), try host(1, [("a", "10.0.1.1/24", 10000)])]
        let texts = check.findings(in: hosts).texts
        #expect(texts.count == 2)
        #expect(texts[0].hasPrefix("note: the hosts have no network in common"))
        #expect(texts[1].hasPrefix("note: h0's interface carries 1000 Mbit/s"))
    }
}
