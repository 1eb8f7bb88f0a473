/// Tells which ranks have which value where all should have the same.
struct Differences<Observation: Sendable> {
    private let observations: [Observed<Observation>]

    init(_ observations: [Observed<Observation>]) {
        self.observations = observations
    }

    /// As in `node1 has A, node2 rank 5 has B`; nil if all have the same.
    /// - Parameter naming: false to leave the values out: `node1 differs from node2 rank 5`.
    func text(_ value: (Observation) -> String, naming: Bool = true) -> String? {
        var groups: [(value: String, ranks: [Int])] = []
        for observation in observations {
            let text = value(observation.value)
            if let index = groups.firstIndex(where: { $0.value == text }) {
                groups[index].ranks.append(observation.site.rank)
            } else {
                groups.append((text, [observation.site.rank]))
            }
        }
        guard groups.count > 1 else { return nil }
        let names = SiteNames(observations.map(\.site))
        let told = groups.prefix(4).map { group in
            let place = names.name(group.ranks) ?? "all"
            return naming
                ? "\(place) \(place.contains(",") || place.contains("ranks") ? "have" : "has") \(group.value)" : place
        }
        let rest = groups.count > told.count ? [naming ? "and others" : "others"] : []
        return naming
            ? (told + rest).joined(separator: "; ") : (told + rest).joined(separator: " as against ")
    }
}
