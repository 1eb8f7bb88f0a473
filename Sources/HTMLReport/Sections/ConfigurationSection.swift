/// What the runs were told: what differs between them, and everything.
struct ConfigurationSection {
    let runs: [RecordedRun]

    private var options: [RunOptions] { runs.map(\.options) }

    var html: HTML {
        let names = RunOptions.names(of: options)
        let differing = RunOptions.differing(options)
        let differences: HTML =
            runs.count == 1
            ? ""
            : differing.isEmpty
                ? "<p>All options are the same.</p>" : table(differing, "Options that differ between the runs")
        let isOpen: HTML = runs.count == 1 && names.count < 20 ? " open" : ""
        return """
            \(differences)<details\(isOpen)><summary>All \(names.count) options</summary>\
            \(table(names, "All options", tall: true))</details>
            """
    }

    private func table(_ names: [String], _ label: String, tall: Bool = false) -> HTML {
        let heads = runs.enumerated().map { index, run -> HTML in
            "<th scope=\"col\">\(Palette.chip(index))\(run.name)</th>"
        }
        let differing = Set(RunOptions.differing(options))
        let rows = names.map { name -> HTML in
            let cells = options.map { "<td>\($0[name] ?? "–")</td>" as HTML }
            let mark: HTML = tall && differing.contains(name) ? " class=\"differs\"" : ""
            return "<tr\(mark)><th scope=\"row\"><code>\(name)</code></th>\(cells)</tr>"
        }
        return """
            <div class="scroll\(tall ? " tall" : "")" tabindex="0" role="group" aria-label="\(label)"><table>\
            <thead><tr><th scope="col">option</th>\(heads)</tr></thead><tbody>\(rows)</tbody></table></div>
            """
    }
}
