import Foundation

/// Lines over a common axis. The drawing stretches with the page; its texts do not.
package struct LineChart {
    package enum Style: String {
        /// Every value, faint.
        case raw
        case solid
        /// With a dot a value.
        case dotted
        case dashed
    }

    package struct Line {
        /// The run's number.
        let run: Int
        /// What the page's script calls it.
        let name: String
        let style: Style
        let curve: Curve

        package init(run: Int, name: String, style: Style, curve: Curve) {
            self.run = run
            self.name = name
            self.style = style
            self.curve = curve
        }
    }

    /// How values are told.
    package enum Unit: String {
        case number, percent
    }

    let title: String
    let unit: Unit
    let xTitle: String
    let lines: [Line]
    /// What the axis of values covers at least.
    let includes: [Double]
    /// The part of the axis before which dots may be cut off: those of a beginning that has not settled flatten the rest.
    let settling: Double

    package init(
        title: String, unit: Unit = .number, xTitle: String, lines: [Line], includes: [Double] = [],
        settling: Double = 0
    ) {
        self.title = title
        self.unit = unit
        self.xTitle = xTitle
        self.lines = lines
        self.includes = includes
        self.settling = settling
    }

    /// Coordinates of the drawing: 0 to so much both ways.
    private static let extent = 1000.0
    /// Faint values beyond this part of all are cut off, lest one of them flatten the rest.
    private static let shownShare = 0.99

    package var html: HTML {
        guard let x = xScale, let y = yScale else {
            return "<p class=\"empty\">No values yet.</p>"
        }
        func percent(_ share: Double) -> String { String(format: "%.2f%%", 100 * share) }
        let rows = y.ticks.map { tick -> HTML in
            "<span style=\"bottom:\(percent(y.place(tick)))\">\(label(tick, y))</span>"
        }
        let columns = x.ticks.map { tick -> HTML in
            "<span style=\"left:\(percent(x.place(tick)))\">\(x.label(tick))</span>"
        }
        let grid = y.ticks.map { "M0 \(Self.text(1 - y.place($0)))H1000" }.joined()
        let paths = lines.map { line -> HTML in
            """
            <path class="line \(line.style.rawValue)" data-run="\(line.run)" data-name="\(line.name)" \
            d="\(path(line, x, y))"/>
            """
        }
        return """
            <div class="plot" data-x="\(String(x.lower)) \(String(x.upper))" data-y="\(String(y.lower)) \
            \(String(y.upper))" data-unit="\(unit.rawValue)" data-x-title="\(xTitle)">
            <div class="rows" aria-hidden="true">\(rows)</div>
            <div class="area" tabindex="0" role="group" aria-label="\(title) by \(xTitle): arrow keys read values">
            <svg viewBox="0 0 1000 1000" preserveAspectRatio="none" role="img" aria-label="\(summary)">
            <path class="grid" d="\(grid)"/>\(paths)</svg></div>
            <div class="columns" aria-hidden="true">\(columns)<em>\(xTitle)</em></div></div>
            """
    }

    private var xScale: Scale? {
        let values = lines.flatMap { [$0.curve.points.first?.x, $0.curve.points.last?.x] }.compactMap { $0 }
        guard let first = values.min(), let last = values.max(), first.isFinite, last.isFinite else { return nil }
        return Scale(exactly: min(first, 0)...max(last, first + 1e-9))
    }

    private var yScale: Scale? {
        var values = includes
        for line in lines {
            let start = line.style == .dotted ? (line.curve.points.last?.x ?? 0) * settling : 0
            let settled = line.curve.points.filter { $0.x >= start }.map(\.y).filter(\.isFinite)
            let finite = settled.isEmpty ? line.curve.finiteValues : settled
            guard line.style == .raw else {
                values += finite
                continue
            }
            let sorted = finite.sorted()
            let left = Int(Double(sorted.count) * (1 - Self.shownShare) / 2)
            values += [sorted.dropFirst(left).first, sorted.dropLast(left).last].compactMap { $0 }
        }
        guard lines.contains(where: { !$0.curve.finiteValues.isEmpty }), let low = values.min(),
            let high = values.max()
        else { return nil }
        return Scale(covering: low...high)
    }

    private func label(_ tick: Double, _ scale: Scale) -> String {
        unit == .percent ? String(format: "%.3g %%", 100 * tick) : scale.label(tick)
    }

    /// Values of an SVG path: pieces of finite points; dots are pieces of no length.
    private func path(_ line: Line, _ x: Scale, _ y: Scale) -> String {
        var path = ""
        var isDrawing = false
        for point in line.curve.points {
            guard point.y.isFinite else {
                isDrawing = false
                continue
            }
            path += (isDrawing ? "L" : "M") + Self.text(x.place(point.x)) + " " + Self.text(1 - y.place(point.y))
            // A piece of one point shows as a dot.
            if !isDrawing { path += "h0" }
            isDrawing = true
        }
        return path
    }

    /// A place on the drawing, to a ten-thousandth of it.
    private static func text(_ share: Double) -> String {
        let text = String(format: "%.1f", min(max(share, -1), 2) * extent)
        return text.hasSuffix(".0") ? String(text.dropLast(2)) : text
    }

    /// For those who cannot see it.
    private var summary: String {
        let ends = lines.filter { $0.style != .raw }.compactMap { line in
            line.curve.finiteValues.last.map { "\(line.name) ends at \(value($0))" }
        }
        return "\(title): \(ends.joined(separator: "; "))"
    }

    private func value(_ value: Double) -> String {
        unit == .percent ? Figure.percent(value) : Figure.short(value)
    }
}
