import Foundation

/// An axis: what of it is shown, and where its marks are.
package struct Scale: Hashable, Sendable {
    package let lower, upper: Double
    package let ticks: [Double]

    /// An axis that covers the range and ends at marks.
    /// - Parameter marks: about so many.
    package init(covering range: ClosedRange<Double>, marks: Int = 5) {
        let step = Self.step(range, marks)
        lower = (range.lowerBound / step + 1e-9).rounded(.down) * step
        upper = max((range.upperBound / step - 1e-9).rounded(.up) * step, lower + step)
        ticks = Self.ticks(lower...upper, step)
    }

    /// An axis of just this range, marks within it.
    package init(exactly range: ClosedRange<Double>, marks: Int = 6) {
        lower = range.lowerBound
        upper = max(range.upperBound, range.lowerBound + 1e-12)
        ticks = Self.ticks(lower...upper, Self.step(lower...upper, marks))
    }

    /// 0 at the lower end, 1 at the upper one.
    package func place(_ value: Double) -> Double { (value - lower) / (upper - lower) }

    /// With as many decimals as tell the marks apart.
    package func label(_ tick: Double) -> String {
        let step = ticks.count > 1 ? ticks[1] - ticks[0] : abs(tick)
        if step > 0, step < 1e-4 { return String(format: "%.0e", tick).replacing("e-0", with: "e-") }
        let decimals = step > 0 ? max(0, Int((-log10(step) - 1e-9).rounded(.up))) : 0
        return String(format: "%.\(decimals)f", tick).replacing("-", with: "−")
    }

    private static func ticks(_ range: ClosedRange<Double>, _ step: Double) -> [Double] {
        let first = Int((range.lowerBound / step - 1e-9).rounded(.up))
        let last = Int((range.upperBound / step + 1e-9).rounded(.down))
        return first <= last ? (first...last).map { Double($0) * step } : []
    }

    /// 1, 2 or 5 times a power of ten.
    private static func step(_ range: ClosedRange<Double>, _ marks: Int) -> Double {
        let length = range.upperBound - range.lowerBound
        guard length > 0, length.isFinite else { return max(abs(range.lowerBound), 1e-9) }
        let rough = length / Double(max(1, marks))
        let power = pow(10, log10(rough).rounded(.down))
        let factor = [1.0, 2, 5].first { $0 * power >= rough * (1 - 1e-9) } ?? 10
        return factor * power
    }
}
