import Training

/// The accuracy of each class, of runs with the same classes.
struct ClassesSection {
    /// Their numbers on the page, and evaluations of the same classes.
    let runs: [(index: Int, run: RecordedRun, evaluation: RunEvaluation)]

    /// Runs by their classes, in the order of the first of each.
    static func groups(_ runs: [RecordedRun]) -> [ClassesSection] {
        var groups: [[(index: Int, run: RecordedRun, evaluation: RunEvaluation)]] = []
        for (index, run) in runs.enumerated() {
            guard let evaluation = run.evaluation else { continue }
            let entry = (index, run, evaluation)
            if let group = groups.firstIndex(where: { $0[0].evaluation.classNames == evaluation.classNames }) {
                groups[group].append(entry)
            } else {
                groups.append([entry])
            }
        }
        return groups.map(ClassesSection.init(runs:))
    }

    var html: HTML {
        let names = ClassTitles(runs[0].evaluation.classNames).titles
        let matrices = runs.map(\.evaluation.confusion)
        let first = matrices[0]
        // The hardest first: sorting is the script's, and this order is of use without it.
        let order = names.indices.sorted { (first.accuracy(of: $0) ?? 2, $0) < (first.accuracy(of: $1) ?? 2, $1) }
        let rows = order.map { row($0, names, matrices) }
        let heads = runs.map { entry -> HTML in
            """
            <th scope="col" aria-sort="\(entry.index == runs[0].index ? "ascending" : "none")"><button>\
            \(Palette.chip(entry.index))\(entry.run.name)</button></th>
            """
        }
        let means = zip(runs, matrices).map { "\($0.run.name) \(Figure.percent($1.macroAverage))" }
        return """
            <p>Mean of the classes: \(means.joined(separator: ", ")).</p>\
            <div class="scroll tall" tabindex="0" role="group" aria-label="Accuracy of each class">\
            <table class="classes sortable"><thead><tr><th scope="col" aria-sort="none"><button>class</button></th>\
            <th scope="col" aria-sort="none"><button>images</button></th>\(heads)\
            <th scope="col" aria-sort="none"><button>most often taken for</button></th></tr></thead>\
            <tbody>\(rows)</tbody></table></div>
            """
    }

    private func row(_ label: Int, _ names: [String], _ matrices: [ConfusionMatrix]) -> HTML {
        let cells = zip(runs, matrices).map { entry, matrix -> HTML in
            guard let accuracy = matrix.accuracy(of: label) else { return "<td data-value=\"-1\">no images</td>" }
            return """
                <td data-value="\(String(accuracy))"><span class="meter \(Palette.name(entry.index))">\
                <span style="width:\(String(100 * accuracy))%"></span></span>\(Figure.percent(accuracy))</td>
                """
        }
        let taken = names.indices.filter { $0 != label }.max {
            (matrices[0][label, $0], $1) < (matrices[0][label, $1], $0)
        }
        let count = taken.map { matrices[0][label, $0] } ?? 0
        let confused: HTML = taken.map { count > 0 ? "\(names[$0]) <small>\(count)</small>" : "–" } ?? "–"
        let total = matrices[0].count(of: label)
        return """
            <tr><th scope="row">\(names[label])</th><td data-value="\(total)">\(total)</td>\(cells)\
            <td data-value="\(count)">\(confused)</td></tr>
            """
    }
}
