/// Short names for sets of ranks.
public struct SiteNames {
    private let sites: [Site]
    /// Hosts whose ranks are listed one by one.
    private static let most = 3

    public init(_ sites: [Site]) {
        self.sites = sites
    }

    /// As in `node1, node3 ranks 4-5`: hosts of which all ranks are meant, and the ranks of others. Nil if all ranks of
    /// the job are meant, or there is but one.
    public func name(_ ranks: [Int]) -> String? {
        let meant = Set(ranks)
        if meant.count == sites.count { return nil }
        var hosts: [String] = []
        for site in sites where !hosts.contains(site.host) { hosts.append(site.host) }
        let ofHost = Dictionary(grouping: sites, by: \.host)
        let names = hosts.compactMap { host -> String? in
            let all = (ofHost[host] ?? []).map(\.rank)
            let some = all.filter(meant.contains)
            if some.isEmpty { return nil }
            if some.count == all.count { return hosts.count == 1 ? Self.ranks(some) : host }
            return hosts.count == 1 ? Self.ranks(some) : "\(host) \(Self.ranks(some))"
        }
        let rest = names.count - Self.most
        return (names.prefix(Self.most) + (rest > 0 ? ["\(rest) more"] : [])).joined(separator: ", ")
    }

    /// As in `rank 3`, `ranks 0-3,7`.
    private static func ranks(_ ranks: [Int]) -> String {
        "rank\(ranks.count == 1 ? "" : "s") \(ProcessorList.text(ranks))"
    }
}
