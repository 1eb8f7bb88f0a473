extension StepTimeline {
    /// A line for each part of the step, with a bar of `width` characters in which the step takes all.
    public func lines(width: Int = 60) -> [String] {
        func bar(_ parts: [(from: Double, to: Double, character: Character)]) -> String {
            String(
                (0..<width).map { column -> Character in
                    let (from, to) = (end * Double(column) / Double(width), end * Double(column + 1) / Double(width))
                    // What takes most of the column's time; the shortest thing shows where it begins.
                    let shares = parts.map { part in (min(to, part.to) - max(from, part.from), part.character) }
                    return shares.filter { $0.0 > 0 }.max { $0.0 < $1.0 }?.1 ?? " "
                })
        }
        var table = TextTable(["", "ready", "start", "summed", "moved"])
        table.add(["forward", "", ScalingPlan.text(loaded), "", ScalingPlan.text(forwardEnd)])
        table.add(["backward", "", ScalingPlan.text(forwardEnd), "", ScalingPlan.text(backwardEnd)])
        for (index, bucket) in buckets.enumerated() {
            table.add(
                ["bucket \(index)"] + [bucket.ready, bucket.start, bucket.summed, bucket.moved].map(ScalingPlan.text))
        }
        table.add(["step", "", "", "", ScalingPlan.text(end)])
        let bars =
            [
                bar([(loaded, forwardEnd, "=")]), bar([(forwardEnd, backwardEnd, "=")]),
            ]
            + buckets.map { bar([($0.ready, $0.start, "."), ($0.start, $0.summed, "#"), ($0.summed, $0.moved, "o")]) }
            + [""]
        let legend = "= computing   . waiting   # being summed   o parameters moving"
        return zip(table.lines, [legend] + bars).map { line, bar in
            var text = line + "  " + bar
            while text.last == " " { text.removeLast() }
            return text
        }
    }
}
