import Diagnosis
import Testing

@Suite struct SiteTests {
    private func place(_ host: String, _ network: String = "net:1", boot: String? = nil, _ address: String? = nil)
        -> Whereabouts
    {
        Whereabouts(host: host, network: network, boot: boot ?? host, address: address)
    }

    @Test func hostsAreNamedAsTheyAreCalled() {
        let sites = Site.all(of: [place("a"), place("b"), place("a")])
        #expect(sites.map(\.host) == ["a", "b", "a"])
        #expect(sites.map(\.isFirstOfHost) == [true, true, false])
        #expect(sites.map(\.machine) == ["a", "b", "a"])
    }

    /// Network namespaces of a machine, and machines that nobody gave names to.
    @Test func namesakesAreToldByTheirAddresses() {
        let sites = Site.all(of: [
            place("vm", "net:1", boot: "x", "10.0.0.1"), place("vm", "net:2", boot: "x", "10.0.0.2"),
            place("vm", "net:2", boot: "x", "10.0.0.2"), place("vm", "net:1", boot: "y"), place("other"),
        ])
        #expect(
            sites.map(\.host) == [
                "vm (10.0.0.1)", "vm (10.0.0.2)", "vm (10.0.0.2)", "vm (of rank 3)", "other",
            ])
        #expect(sites.map(\.isFirstOfHost) == [true, true, false, true, true])
        #expect(sites.map(\.machine) == ["x", "x", "x", "y", "other"])
    }

    @Test(
        arguments: [
            ([0, 1, 2, 3, 4], nil), ([0, 1], "a"), ([2], "b rank 2"), ([0, 1, 4], "a, c"), ([1, 2, 3], "a rank 1, b"),
        ] as [([Int], String?)])
    func setsOfRanksHaveShortNames(ranks: [Int], name: String?) {
        let names = SiteNames(Site.all(of: [place("a"), place("a"), place("b"), place("b"), place("c")]))
        #expect(names.name(ranks) == name)
    }

    @Test func ranksOfOneHostAreNamedWithoutIt() {
        let names = SiteNames(Site.all(of: (0..<6).map { _ in place("a") }))
        #expect(names.name([5]) == "rank 5")
        #expect(names.name([0, 1, 2, 4]) == "ranks 0-2,4")
    }

    @Test func longListsOfHostsAreCut() {
        let names = SiteNames(Site.all(of: (0..<6).map { place("h\($0)") }))
        #expect(names.name([0, 1, 2, 3, 5]) == "h0, h1, h2, 2 more")
    }
}
