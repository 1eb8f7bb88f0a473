import Foundation

/// lr(t) = end + (base - end) · (1 - t/T)^power, by optimizer step.
public struct PolySchedule: Hashable, Sendable {
    public let base: Double
    public let end: Double
    public let power: Double
    /// T
    public let totalSteps: Int

    public init(base: Double, end: Double, power: Double, totalSteps: Int) {
        precondition(totalSteps > 0, "a schedule needs steps")
        self.base = base
        self.end = end
        self.power = power
        self.totalSteps = totalSteps
    }

    /// - Parameter step: t, from 0; `end` from T on.
    public func learningRate(at step: Int) -> Double {
        let remaining = max(0, 1 - Double(step) / Double(totalSteps))
        return end + (base - end) * pow(remaining, power)
    }
}
