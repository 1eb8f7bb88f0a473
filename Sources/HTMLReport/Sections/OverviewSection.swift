/// The runs in figures.
struct OverviewSection {
    let runs: [RecordedRun]

    var html: HTML {
        guard runs.count == 1 else { return table }
        let (run, best) = (runs[0], runs[0].metrics.best)
        var cards: [HTML] = []
        if let best {
            cards.append(card("best top-1", Figure.percent(best.top1), "after epoch \(best.epoch)"))
            cards.append(card("top-5 then", Figure.percent(best.top5), "loss \(Figure.short(best.loss))"))
        }
        if let rate = run.metrics.imagesPerSecond {
            cards.append(card("images/s", Figure.rate(rate), ranks(run) ?? "in training"))
        }
        let steps = run.metrics.steps.last?.step ?? 0
        cards.append(card("time", Figure.duration(run.metrics.seconds), Figure.count(steps, "step")))
        return "<p class=\"what\">\(model(run)) on \(data(run))</p><div class=\"cards\">\(cards)</div>"
    }

    private func card(_ label: String, _ value: String, _ note: String) -> HTML {
        "<div class=\"card\"><span>\(label)</span><b>\(value)</b><small>\(note)</small></div>"
    }

    private var table: HTML {
        let best = runs.compactMap { $0.metrics.best?.top1 }.max()
        let rows = runs.enumerated().map { index, run -> HTML in
            let validation = run.metrics.best
            let mark = validation != nil && validation?.top1 == best ? " class=\"top\"" as HTML : ""
            let cells: [String] = [
                validation.map { Figure.percent($0.top5) } ?? "–",
                run.metrics.choosing.last.map { Figure.percent($0.top1) } ?? "–",
                String(run.metrics.steps.last?.step ?? 0), run.metrics.imagesPerSecond.map(Figure.rate) ?? "–",
                ranks(run) ?? "–", Figure.duration(run.metrics.seconds),
            ]
            return """
                <tr><th scope="row">\(Palette.chip(index))\(run.name)<small>\(model(run))\
                </small></th><td\(mark)>\(validation.map { Figure.percent($0.top1) } ?? "–")<small>\
                \(validation.map { "epoch \($0.epoch)" } ?? "")</small></td>\(cells.map { "<td>\($0)</td>" as HTML })</tr>
                """
        }
        let heads = ["best top-1", "top-5 then", "last top-1", "steps", "images/s", "ranks", "time"]
        return """
            <div class="scroll" tabindex="0" role="group" aria-label="The runs in figures"><table class="figures"><thead>\
            <tr><th scope="col">run</th>\(heads.map { "<th scope=\"col\">\($0)</th>" as HTML })</tr></thead>\
            <tbody>\(rows)</tbody></table></div>
            """
    }

    private func model(_ run: RecordedRun) -> String {
        let attention = run.options["attention"].map { $0 == "none" ? "without attention" : "with \($0) attention" }
        let loss = run.options["loss"].flatMap { $0 == "cross-entropy" ? nil : ", \($0) loss" }
        return [run.options["model"] ?? "a model", attention.map { " \($0)" }, loss].compactMap { $0 }.joined()
    }

    private func data(_ run: RecordedRun) -> String {
        let size = run.options["image-size"].map { ", \($0) px" } ?? ""
        guard let evaluation = run.evaluation else { return (run.options["dataset"] ?? "its data") + size }
        let classes = evaluation.classNames.count
        return "\(evaluation.dataset), \(classes) \(classes == 1 ? "class" : "classes")\(size)"
    }

    private func ranks(_ run: RecordedRun) -> String? {
        guard let environment = run.environments.last else { return nil }
        let threads = Set(environment.hosts.map(\.threads))
        let each = threads.count == 1 ? threads.first.map { " × \(Figure.count($0, "thread"))" } ?? "" : ""
        return Figure.count(environment.ranks, "rank") + each
    }
}
