/// Where a step's time went.
package struct StepTimeSection {
    /// A part of a step.
    package struct Part {
        package let name: String
        let color: String
        package let seconds: Double
    }

    let runs: [RecordedRun]

    /// nil if no run has counted its steps' times.
    var html: HTML? {
        let counted = runs.filter { Self.parts(of: $0.metrics) != nil }
        guard !counted.isEmpty else { return nil }
        let longest = counted.compactMap { Self.parts(of: $0.metrics)?.reduce(0) { $0 + $1.seconds } }.max() ?? 1
        let uncounted = runs.filter { Self.parts(of: $0.metrics) == nil }.map(\.name)
        let note: HTML =
            uncounted.isEmpty ? "" : "<p class=\"note\">Not counted by: \(uncounted.joined(separator: ", ")).</p>"
        return """
            <p>In the mean of the ranks and of all steps but a run's first. Communication is what training waited for: \
            sums over the ranks that go on while gradients are computed cost nothing and are not in it.</p>\
            <div class="times">\(counted.map { bar($0, longest) })</div>\(table(counted))\(note)
            """
    }

    /// Mean seconds, the first step left out, as it prepares what later ones use.
    package static func parts(of metrics: RunMetrics) -> [Part]? {
        let later = metrics.steps.filter { $0.times != nil }.dropFirst()
        guard !later.isEmpty else { return nil }
        func mean(_ value: (RunMetrics.Step) -> Double) -> Double {
            later.reduce(0) { $0 + value($1) } / Double(later.count)
        }
        let parts = [
            Part(name: "wait for images", color: "data", seconds: mean(\.dataWait)),
            Part(name: "forward", color: "forward", seconds: mean { $0.times?.forward ?? 0 }),
            Part(name: "backward", color: "backward", seconds: mean { $0.times?.backward ?? 0 }),
            Part(name: "optimizer", color: "optimizer", seconds: mean { $0.times?.optimizer ?? 0 }),
            Part(name: "communication", color: "communication", seconds: mean { $0.times?.communication ?? 0 }),
        ]
        let rest = max(0, mean(\.seconds) - parts.reduce(0) { $0 + $1.seconds })
        return parts + [Part(name: "other", color: "other", seconds: rest)]
    }

    private func bar(_ run: RecordedRun, _ longest: Double) -> HTML {
        let parts = Self.parts(of: run.metrics) ?? []
        let total = parts.reduce(0) { $0 + $1.seconds }
        let pieces = parts.filter { $0.seconds > 0 }.map { part -> HTML in
            let told = "\(part.name): \(Figure.duration(part.seconds)), \(Figure.percent(part.seconds / total))"
            let name: HTML = part.seconds / longest > 0.12 ? "\(part.name)" : ""
            return """
                <span class="part \(part.color)" style="flex-grow:\(String(100 * part.seconds / total))" title="\(told)">\
                <span>\(name)</span></span>
                """
        }
        let width = String((100 * total / longest).rounded())
        return """
            <div class="time"><b>\(run.name)</b><span>\(Figure.duration(total)) a step</span>\
            <div class="bar" style="width:\(width)%">\(pieces)</div></div>
            """
    }

    private func table(_ runs: [RecordedRun]) -> HTML {
        let all = runs.map { Self.parts(of: $0.metrics) ?? [] }
        let heads = runs.map { "<th scope=\"col\">\($0.name)</th>" as HTML }
        let rows = all[0].indices.map { index -> HTML in
            let cells = all.map { parts -> HTML in
                let total = parts.reduce(0) { $0 + $1.seconds }
                return """
                    <td>\(Figure.duration(parts[index].seconds))<small>\(Figure.percent(parts[index].seconds / total))\
                    </small></td>
                    """
            }
            let part = all[0][index]
            return "<tr><th scope=\"row\"><i class=\"chip \(part.color)\"></i>\(part.name)</th>\(cells)</tr>"
        }
        return """
            <div class="scroll" tabindex="0" role="group" aria-label="Seconds of a step's parts"><table class="figures">\
            <thead><tr><th scope="col">part</th>\(heads)</tr></thead><tbody>\(rows)</tbody></table></div>
            """
    }
}
