import HTMLReport
import Testing

struct CurveTests {
    private func curve(_ values: [Double]) -> Curve { Curve(values.enumerated().map { (Double($0), $1) }) }

    @Test func thinningKeepsPeaksAndBothEnds() {
        var values = (0..<100_000).map { Double($0 % 7) }
        values[54_321] = 1000
        values[77_777] = -500
        let thinned = curve(values).thinned(to: 600)
        #expect(thinned.points.count <= 600)
        #expect(thinned.points.first == .init(x: 0, y: 0) && thinned.points.last == .init(x: 99_999, y: values[99_999]))
        #expect(thinned.points.contains(.init(x: 54_321, y: 1000)))
        #expect(thinned.points.contains(.init(x: 77_777, y: -500)))
        let places = thinned.points.map(\.x)
        #expect(places == Set(places).sorted())
    }

    @Test func shortCurveIsLeftAsItIs() {
        let short = curve([3, 1, 2])
        #expect(short.thinned(to: 4) == short)
    }

    @Test func gapSurvivesThinning() {
        let values = (0..<1000).map { (300..<700).contains($0) ? Double.nan : 1 }
        let thinned = curve(values).thinned(to: 50)
        #expect(thinned.points.contains { $0.y.isNaN })
        #expect(thinned.points.count { $0.y == 1 } > 10)
    }

    @Test func smoothingTakesTheMeanOfNeighboursAndLeavesEndsAndGapsOut() {
        let smooth = curve([0, 3, 6, 0, .nan, 4]).smoothed(reach: 1)
        #expect(smooth.points.map(\.y) == [0, 3, 3, 3, 2, 4])
    }

    @Test func smoothingLeavesALineAsItIs() {
        let line = curve((0..<50).map { 2 * Double($0) })
        #expect(line.smoothed(reach: 7) == line)
    }
}
