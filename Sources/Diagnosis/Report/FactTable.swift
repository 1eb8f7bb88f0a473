/// The facts of all ranks, told once where they are the same.
struct FactTable: Equatable {
    struct Row: Equatable {
        let label: String
        /// One a value; `ranks` is nil if all ranks that looked have it.
        let lines: [Line]
    }

    struct Line: Equatable {
        let place: String?
        let text: String
    }

    let rows: [Row]
    /// Values of a row that are told.
    private static let most = 8

    /// - Parameters:
    ///   - facts: of each rank that saw something.
    ///   - sites: of all ranks that looked: one a host where its lowest rank looks for all.
    init(_ facts: [(site: Site, facts: [Fact])], of sites: [Site]) {
        var labels: [String] = []
        for fact in facts.flatMap(\.facts) where !labels.contains(fact.label) { labels.append(fact.label) }
        let names = SiteNames(sites)
        rows = labels.map { label in
            let values = facts.flatMap { entry in
                entry.facts.filter { $0.label == label }.map { (rank: entry.site.rank, value: $0.value) }
            }
            return Row(label: label, lines: Self.lines(values, names))
        }
    }

    private static func lines(
        _ values: [(rank: Int, value: Fact.Value)], _ names: SiteNames
    ) -> [Line] {
        var groups: [(text: String, ranks: [Int])] = []
        var figures: [(text: String, figure: Double, rank: Int)] = []
        for (rank, value) in values {
            let text: String
            switch value {
            case .text(let words): text = words
            case .figure(let figure, let unit):
                text = Fact.text(figure, unit)
                figures.append((text, figure, rank))
            }
            if let index = groups.firstIndex(where: { $0.text == text }) {
                groups[index].ranks.append(rank)
            } else {
                groups.append((text, [rank]))
            }
        }
        if groups.count > 1, figures.count == values.count,
            let least = figures.min(by: { $0.figure < $1.figure }),
            let most = figures.max(by: { $0.figure < $1.figure })
        {
            func told(_ entry: (text: String, figure: Double, rank: Int)) -> String {
                "\(entry.text) (\(names.name([entry.rank]) ?? "all"))"
            }
            return [Line(place: nil, text: "\(told(least)) to \(told(most))")]
        }
        let lines = groups.map { Line(place: names.name($0.ranks), text: $0.text) }
        guard lines.count > Self.most else { return lines }
        return lines.prefix(Self.most - 1) + [Line(place: nil, text: "and \(lines.count - Self.most + 1) more values")]
    }
}
