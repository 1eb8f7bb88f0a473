import Foundation

/// One HTML file of one or several runs. It needs nothing else and loads nothing; its script only makes it easier to read.
public struct ReportPage {
    /// What the page shows of each run at most.
    public struct Limits: Hashable, Sendable {
        /// Points of a line.
        public var points = 600
        public var pairs = 6
        /// Images of each of a pair's classes.
        public var pairImages = 4
        public var errors = 8

        public init() {}
    }

    private let runs: [RecordedRun]
    private let limits: Limits
    private let date: Date
    private let version: String

    /// - Parameters:
    ///   - date: when it is written.
    ///   - version: of the program.
    /// - Precondition: there is a run.
    public init(_ runs: [RecordedRun], limits: Limits = Limits(), date: Date = Date(), version: String) {
        precondition(!runs.isEmpty, "a report of no runs")
        self.runs = runs
        self.limits = limits
        self.date = date
        self.version = version
    }

    /// The file's text.
    public var text: String { document.text }

    private struct Section {
        let id: String
        let title: String
        let body: HTML
    }

    private var document: HTML {
        let sections = sections
        let links = sections.map { "<a href=\"#\($0.id)\">\($0.title)</a>" as HTML }
        let bodies = sections.map { section -> HTML in
            "<section id=\"\(section.id)\"><h2>\(section.title)</h2>\(section.body)</section>"
        }
        let policy =
            "default-src 'none'; img-src data:; style-src 'unsafe-inline'; script-src 'unsafe-inline'; "
            + "base-uri 'none'; form-action 'none'"
        return """
            <!DOCTYPE html>
            <html lang="en"><head><meta charset="utf-8">
            <meta http-equiv="Content-Security-Policy" content="\(HTML(verbatim: policy))">
            <meta name="viewport" content="width=device-width, initial-scale=1">
            <meta name="color-scheme" content="light dark">
            <title>\(title)</title>
            <style>\(HTML(verbatim: PageAssets.style + runStyle))</style></head>
            <body><header><p class="brand">aam report</p><h1>\(title)</h1><nav aria-label="Sections">\(links)</nav></header>
            <main>\(OverviewSection(runs: runs).html)\(bodies)</main>
            <footer><p>Written by aam \(version) on \(Figure.time(date)).</p></footer>
            <div id="tip" role="tooltip" hidden></div>
            <script>\(HTML(verbatim: PageAssets.script))</script></body></html>

            """
    }

    private var title: String { runs.map(\.name).joined(separator: ", ") }

    private var sections: [Section] {
        var sections = [
            Section(id: "curves", title: "Curves", body: CurvesSection(runs, mostPoints: limits.points).html),
            Section(id: "configuration", title: "Configuration", body: ConfigurationSection(runs: runs).html),
        ]
        if let times = StepTimeSection(runs: runs).html {
            sections.append(Section(id: "time", title: "Where a step's time went", body: times))
        }
        for (number, classes) in ClassesSection.groups(runs).enumerated() {
            let id = number == 0 ? "classes" : "classes-\(number + 1)"
            sections.append(Section(id: id, title: "Accuracy of each class", body: classes.html))
        }
        for (index, run) in runs.enumerated() {
            let title = runs.count > 1 ? "Mistakes of \(run.name)" : "Mistakes"
            if let evaluation = run.evaluation {
                let selection = EvaluationSelection(evaluation, limits)
                let body = MistakesSection(index: index, run: run, evaluation: evaluation, selection: selection).html
                sections.append(Section(id: "mistakes-\(index)", title: title, body: body))
            } else if let missing = run.missing {
                let body: HTML = "<p class=\"note\">Not shown: \(missing).</p>"
                sections.append(Section(id: "mistakes-\(index)", title: title, body: body))
            }
        }
        if let cluster = ClusterSection(runs: runs).html {
            sections.append(Section(id: "cluster", title: "Cluster and versions", body: cluster))
        }
        return sections
    }

    /// Hides the runs that are not ticked, and colours their lines.
    private var runStyle: String {
        runs.indices.map { index in
            """
            body:has(#show-\(index):not(:checked)) [data-run="\(index)"]{display:none}\
            [data-run="\(index)"]{stroke:var(--\(Palette.name(index)))}
            """
        }.joined()
    }
}

extension EvaluationSelection {
    /// What a page with these limits shows.
    public init(_ evaluation: RunEvaluation, _ limits: ReportPage.Limits) {
        self.init(evaluation, pairs: limits.pairs, images: limits.pairImages, errors: limits.errors)
    }
}
