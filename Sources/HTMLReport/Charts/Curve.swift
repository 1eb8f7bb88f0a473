/// Points of a line, their x ascending. Values that are not finite interrupt it.
package struct Curve: Hashable, Sendable {
    package struct Point: Hashable, Sendable {
        package var x, y: Double

        package init(x: Double, y: Double) {
            self.x = x
            self.y = y
        }
    }

    package var points: [Point]

    package init(_ points: [Point]) { self.points = points }

    package init(_ points: some Sequence<(Double, Double)>) { self.points = points.map { Point(x: $0.0, y: $0.1) } }

    /// Each value replaced by the mean of the finite ones at most `reach` points away; nearer to the ends at most as far
    /// away as they are, so that the ends are not drawn towards the middle.
    package func smoothed(reach: Int) -> Curve {
        var sums = [0.0]
        var counts = [0]
        for point in points {
            sums.append(sums[sums.count - 1] + (point.y.isFinite ? point.y : 0))
            counts.append(counts[counts.count - 1] + (point.y.isFinite ? 1 : 0))
        }
        let smoothed = points.indices.map { index in
            let reach = min(reach, index, points.count - 1 - index)
            let (first, last) = (index - reach, index + reach + 1)
            let count = counts[last] - counts[first]
            return Point(x: points[index].x, y: count > 0 ? (sums[last] - sums[first]) / Double(count) : .nan)
        }
        return Curve(smoothed)
    }

    /// At most about `limit` of the points: of each of as many stretches the lowest and the highest, so that no peak is
    /// lost, and the first and the last of all.
    package func thinned(to limit: Int) -> Curve {
        precondition(limit >= 4, "a curve of \(limit) points")
        guard points.count > limit else { return self }
        let stretches = (limit - 2) / 2
        var kept = [0]
        for stretch in 0..<stretches {
            let range = points.count * stretch / stretches..<points.count * (stretch + 1) / stretches
            let finite = range.filter { points[$0].y.isFinite }
            guard let lowest = finite.min(by: { points[$0].y < points[$1].y }),
                let highest = finite.max(by: { points[$0].y < points[$1].y })
            else {
                // The gap is to be seen.
                kept.append(range.lowerBound)
                continue
            }
            kept += [min(lowest, highest), max(lowest, highest)]
        }
        kept.append(points.count - 1)
        var last = -1
        return Curve(
            kept.compactMap { index in
                defer { last = index }
                return index > last ? points[index] : nil
            })
    }

    var finiteValues: [Double] { points.map(\.y).filter(\.isFinite) }
}
