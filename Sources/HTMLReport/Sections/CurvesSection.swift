import Foundation

/// Losses, accuracy, learning rate and speed of all runs over each other.
struct CurvesSection {
    /// What lies on the horizontal axis.
    private enum Axis: String, CaseIterable {
        case epoch, step, time
    }

    private let runs: [RecordedRun]
    private let positions: [RunPositions]
    /// Of a line.
    private let mostPoints: Int

    init(_ runs: [RecordedRun], mostPoints: Int) {
        self.runs = runs
        positions = runs.map { RunPositions($0.metrics) }
        self.mostPoints = mostPoints
    }

    var html: HTML {
        let choices = Axis.allCases.map { axis -> HTML in
            let isChosen: HTML = axis == .epoch ? " checked" : ""
            return """
                <label><input type="radio" name="axis" value="\(axis.rawValue)"\(isChosen)><span>by \(axis.rawValue)\
                </span></label>
                """
        }
        let legend = runs.enumerated().map { index, run -> HTML in
            """
            <label class="entry"><input type="checkbox" id="show-\(index)" checked>\(Palette.chip(index))\
            <span>\(run.name)</span></label>
            """
        }
        return """
            <div class="controls"><div class="choice" role="group" aria-label="Horizontal axis">\(choices)</div>\
            <div class="legend" role="group" aria-label="Shown runs">\(runs.count > 1 ? legend : [])</div></div>\
            <div class="charts">\(charts)</div>\(values)
            """
    }

    private var charts: [HTML] {
        var charts = [
            chart(
                "Cross-entropy",
                key: "<b class=\"key raw\"></b>each step <b class=\"key solid\"></b>smoothed "
                    + "<b class=\"key dotted\"></b>validation", settling: 0.25,
                lines: loss(\.crossEntropy, validating: true)),
            chart(
                "Accuracy", unit: .percent, key: "<b class=\"key dotted\"></b>top-1 <b class=\"key dashed\"></b>top-5",
                includes: [0], lines: accuracy),
            chart("Learning rate", includes: [0]) { axis in
                lines(axis) { run in run.metrics.steps.map(\.learningRate) }
            },
            chart(
                "Images per second", key: "<b class=\"key raw\"></b>each step <b class=\"key solid\"></b>smoothed",
                includes: [0]
            ) { axis in
                smoothedLines(axis) { run in run.metrics.steps.map { Double($0.images) / max($0.seconds, 1e-9) } }
            },
        ]
        let isMore = runs.contains { $0.metrics.steps.contains { $0.loss != $0.crossEntropy } }
        if isMore {
            charts.insert(
                chart(
                    "Loss with all its terms",
                    key: "<b class=\"key raw\"></b>each step "
                        + "<b class=\"key solid\"></b>smoothed", lines: loss(\.loss, validating: false)),
                at: 1)
        }
        return charts
    }

    private func chart(
        _ title: String, unit: LineChart.Unit = .number, key: HTML = "", includes: [Double] = [],
        settling: Double = 0, lines: (Axis) -> [LineChart.Line]
    ) -> HTML {
        let plots = Axis.allCases.map { axis -> HTML in
            let chart = LineChart(
                title: title, unit: unit, xTitle: axisTitle(axis), lines: lines(axis), includes: includes,
                settling: settling)
            return "<div class=\"by-\(axis.rawValue)\">\(chart.html)</div>"
        }
        return "<figure class=\"chart\"><figcaption><h3>\(title)</h3><p>\(key)</p></figcaption>\(plots)</figure>"
    }

    private func axisTitle(_ axis: Axis) -> String {
        switch axis {
        case .epoch: "epoch"
        case .step: "step"
        case .time: timeUnit.name
        }
    }

    private var timeUnit: (name: String, seconds: Double) {
        let longest = positions.map(\.duration).max() ?? 0
        return longest > 2 * 3600 ? ("hours", 3600) : longest > 120 ? ("minutes", 60) : ("seconds", 1)
    }

    // MARK: - Lines

    private func position(of step: RunPositions.Place, on axis: Axis) -> Double {
        switch axis {
        case .epoch: step.epochs
        case .step: Double(step.step)
        case .time: step.seconds / timeUnit.seconds
        }
    }

    private func curve(_ run: Int, _ axis: Axis, _ values: [Double]) -> Curve {
        Curve(zip(positions[run].steps, values).map { (position(of: $0, on: axis), $1) })
    }

    private func lines(_ axis: Axis, _ values: (RecordedRun) -> [Double]) -> [LineChart.Line] {
        runs.enumerated().map { index, run in
            let curve = curve(index, axis, values(run)).thinned(to: mostPoints)
            return LineChart.Line(run: index, name: run.name, style: .solid, curve: curve)
        }
    }

    private func smoothedLines(_ axis: Axis, _ values: (RecordedRun) -> [Double]) -> [LineChart.Line] {
        let all = runs.enumerated().map { curve($0, axis, values($1)) }
        let raw = all.enumerated().map { index, curve in
            LineChart.Line(
                run: index, name: runs[index].name, style: .raw, curve: curve.thinned(to: mostPoints))
        }
        let smooth = all.enumerated().map { index, curve in
            let reach = max(2, curve.points.count / 50)
            return LineChart.Line(
                run: index, name: runs[index].name, style: .solid,
                curve: curve.smoothed(reach: reach).thinned(to: mostPoints))
        }
        return raw + smooth
    }

    private func loss(
        _ value: KeyPath<RunMetrics.Step, Double>, validating: Bool
    ) -> (Axis) -> [LineChart.Line] {
        { axis in
            smoothedLines(axis) { $0.metrics.steps.map { $0[keyPath: value] } }
                + (validating ? validations(axis, "validation", .dotted, \.loss) { !$0.isOfAverage } : [])
        }
    }

    private func accuracy(_ axis: Axis) -> [LineChart.Line] {
        validations(axis, "top-5", .dashed, \.top5) { !$0.isOfAverage }
            + validations(axis, "top-1", .dotted, \.top1) { !$0.isOfAverage }
            + validations(axis, "top-1 of the average", .solid, \.top1, where: \.isOfAverage)
    }

    private func validations(
        _ axis: Axis, _ name: String, _ style: LineChart.Style, _ value: KeyPath<RunMetrics.Validation, Double>,
        where isMeant: (RunMetrics.Validation) -> Bool
    ) -> [LineChart.Line] {
        runs.enumerated().compactMap { index, run in
            let points = zip(run.metrics.validations, positions[index].validations).filter { isMeant($0.0) }
            guard !points.isEmpty else { return nil }
            let curve = Curve(points.map { (position(of: $1, on: axis), $0[keyPath: value]) })
            return LineChart.Line(
                run: index, name: "\(run.name), \(name)", style: style, curve: curve.thinned(to: mostPoints))
        }
    }

    // MARK: - Values

    /// The validations as a table.
    private var values: HTML {
        let tables = runs.map { run -> HTML in
            let rows = run.metrics.validations.map { validation -> HTML in
                """
                <tr><th scope="row">\(validation.epoch)\(validation.isOfAverage ? " (average)" : "")</th>\
                <td>\(validation.step)</td><td>\(Figure.percent(validation.top1, digits: 2))</td>\
                <td>\(Figure.percent(validation.top5, digits: 2))</td><td>\(Figure.short(validation.loss))</td></tr>
                """
            }
            let heads = ["epoch", "step", "top-1", "top-5", "loss"].map { "<th scope=\"col\">\($0)</th>" as HTML }
            return """
                <div class="scroll tall" tabindex="0" role="group" aria-label="Validations of \(run.name)">\
                <table class="figures"><caption>\(run.name)</caption><thead><tr>\(heads)</tr></thead>\
                <tbody>\(rows)</tbody></table></div>
                """
        }
        return "<details><summary>All validations</summary><div class=\"side\">\(tables)</div></details>"
    }
}
