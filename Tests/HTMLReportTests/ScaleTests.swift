import HTMLReport
import Testing

struct ScaleTests {
    @Test(arguments: [
        (0.0...1.0, ["0.0", "0.2", "0.4", "0.6", "0.8", "1.0"]), (0...37, ["0", "10", "20", "30", "40"]),
        (-1.2...2.9, ["−2", "−1", "0", "1", "2", "3"]), (0...0.02, ["0.000", "0.005", "0.010", "0.015", "0.020"]),
    ])
    func marksAreRoundNumbers(range: ClosedRange<Double>, labels: [String]) {
        let scale = Scale(covering: range)
        #expect(scale.ticks.map(scale.label) == labels)
        #expect(scale.lower <= range.lowerBound && scale.upper >= range.upperBound)
    }

    @Test func oneValueHasAnAxisToo() {
        let scale = Scale(covering: 2.5...2.5)
        #expect(scale.lower < scale.upper && (0...1).contains(scale.place(2.5)))
        #expect(Scale(covering: 0...0).upper > 0)
    }

    @Test func exactAxisHasItsMarksWithin() {
        let scale = Scale(exactly: 0...29.5)
        #expect(scale.ticks == [0, 5, 10, 15, 20, 25])
        #expect(scale.place(29.5) == 1)
    }
}
