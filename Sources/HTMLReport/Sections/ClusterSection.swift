import Reporting

/// Where the runs ran, and with what.
struct ClusterSection {
    let runs: [RecordedRun]

    /// nil if no run has written it down.
    var html: HTML? {
        let known = runs.enumerated().filter { !$1.environments.isEmpty }
        guard !known.isEmpty else { return nil }
        return "\(known.map { starts($1) })\(versions(known.map { ($0, $1) }))"
    }

    private func starts(_ run: RecordedRun) -> HTML {
        let rows = run.environments.map { start -> HTML in
            """
            <tr><td>\(Figure.time(start.start))</td><td>\(start.step)</td><td>\(start.launcher)</td>\
            <td>\(hosts(start))</td></tr>
            """
        }
        let heads = ["start", "from step", "started by", "hosts"].map { "<th scope=\"col\">\($0)</th>" as HTML }
        return """
            <h3>\(run.name)</h3><div class="scroll" tabindex="0" role="group" aria-label="Starts of \(run.name)">\
            <table><thead><tr>\(heads)</tr></thead><tbody>\(rows)</tbody></table></div>
            """
    }

    /// Hosts that have the same are told at once.
    private func hosts(_ start: RunEnvironment) -> [HTML] {
        var groups: [[RunEnvironment.Host]] = []
        for host in start.hosts {
            func isSame(_ other: RunEnvironment.Host) -> Bool {
                var other = other
                other.name = host.name
                return other == host
            }
            if let index = groups.firstIndex(where: { isSame($0[0]) }) {
                groups[index].append(host)
            } else {
                groups.append([host])
            }
        }
        return groups.map { hosts in
            let (host, names) = (hosts[0], hosts.map(\.name))
            let shown = names.prefix(4).joined(separator: ", ") + (names.count > 4 ? ", … (\(names.count) hosts)" : "")
            let size =
                "\(Figure.count(host.sockets, "socket")), \(Figure.count(host.cores, "core")), "
                + "\(Figure.count(host.hardwareThreads, "hardware thread")), \(Figure.bytes(host.memory))"
            return """
                <p class="host"><b>\(shown)</b> \(Figure.count(host.ranks, "rank")) × \
                \(Figure.count(host.threads, "thread"))<br><small>\(host.processor), \(size)</small></p>
                """
        }
    }

    private func versions(_ known: [(index: Int, run: RecordedRun)]) -> HTML {
        let lists = known.map { $0.run.environments.last?.software ?? [] }
        var names: [String] = []
        for name in lists.joined().map(\.name) where !names.contains(name) { names.append(name) }
        let rows = names.map { name -> HTML in
            let values = lists.map { $0.first { $0.name == name }?.version ?? "–" }
            let mark: HTML = Set(values).count > 1 ? " class=\"differs\"" : ""
            return "<tr\(mark)><th scope=\"row\">\(name)</th>\(values.map { "<td>\($0)</td>" as HTML })</tr>"
        }
        let heads = known.map { index, run -> HTML in
            "<th scope=\"col\">\(Palette.chip(index))\(run.name)</th>"
        }
        return """
            <h3>Versions</h3><div class="scroll" tabindex="0" role="group" aria-label="Versions"><table><thead><tr>\
            <th scope="col">software</th>\(heads)</tr></thead><tbody>\(rows)</tbody></table></div>
            """
    }
}
