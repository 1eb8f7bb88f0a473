import HTMLReport
import Testing

struct LineChartTests {
    private func chart(_ points: [(Double, Double)], style: LineChart.Style = .solid, name: String = "a") -> String {
        let line = LineChart.Line(run: 0, name: name, style: style, curve: Curve(points))
        return LineChart(title: "Loss", xTitle: "epoch", lines: [line]).html.text
    }

    @Test func pathHasThePointsOnTheAxes() {
        let text = chart([(0, 0), (5, 1), (10, 4)])
        #expect(text.contains("data-x=\"0.0 10.0\" data-y=\"0.0 4.0\""))
        #expect(text.contains("d=\"M0 1000h0L500 750L1000 0\""))
    }

    @Test func valuesThatAreNotFiniteInterruptTheLine() {
        #expect(
            chart([(0, 0), (1, 4), (2, .infinity), (3, .nan), (4, 0)]).contains("d=\"M0 1000h0L250 0M1000 1000h0\""))
    }

    @Test func chartWithoutValuesSaysSo() {
        #expect(chart([]).contains("No values yet."))
        #expect(chart([(1, .nan)]).contains("No values yet."))
    }

    @Test func singleSpikeOfRawValuesDoesNotFlattenTheRest() {
        let points = (0..<1000).map { index -> (Double, Double) in
            let value: Double = index == 500 ? 1e6 : 1 + Double(index % 10) / 9
            return (Double(index), value)
        }
        #expect(chart(points, style: .raw).contains("data-y=\"1.0 2.0\""))
    }

    @Test func namesAreEscaped() {
        #expect(chart([(0, 1)], name: "a\"><b>").contains("data-name=\"a&quot;&gt;&lt;b&gt;\""))
    }
}
