import Foundation

/// The learning rate of each optimizer step.
///
/// W steps of warm-up rise in a line, lr(t) = base·(t + 1)/(W + 1) (PyTorch's `LinearLR` from 1/(W + 1) on); the other
/// steps follow the shape.
public struct LearningRateSchedule: Hashable, Sendable {
    /// How the learning rate falls after the warm-up.
    public enum Shape: Hashable, Sendable {
        /// end + (base - end)·(1 - p)^power, where p is the part of the steps after the warm-up that is done.
        case poly(end: Double, power: Double)
        /// end + (base - end)·(1 + cos πp)/2 (Loshchilov and Hutter, 2017; PyTorch's `CosineAnnealingLR`).
        case cosine(end: Double)
        /// base·factor^(how many of these steps are reached), counted from the run's start (PyTorch's `MultiStepLR`).
        case step(at: [Int], factor: Double)
    }

    /// The highest learning rate.
    public let base: Double
    /// How it falls.
    public let shape: Shape
    /// W
    public let warmupSteps: Int
    /// Of the run, warm-up included.
    public let totalSteps: Int

    /// - Precondition: there are steps, and a step schedule's are ascending.
    public init(base: Double, shape: Shape, warmupSteps: Int = 0, totalSteps: Int) {
        precondition(totalSteps > 0, "a schedule needs steps")
        precondition(warmupSteps >= 0, "\(warmupSteps) steps of warm-up")
        self.base = base
        self.shape = shape
        self.warmupSteps = min(warmupSteps, totalSteps)
        self.totalSteps = totalSteps
    }

    /// - Parameter step: t, from 0; the last rate from `totalSteps` on.
    public func learningRate(at step: Int) -> Double {
        if step < warmupSteps { return base * Double(step + 1) / Double(warmupSteps + 1) }
        let steps = max(1, totalSteps - warmupSteps)
        let done = min(1, Double(step - warmupSteps) / Double(steps))
        switch shape {
        case .poly(let end, let power): return end + (base - end) * pow(1 - done, power)
        case .cosine(let end): return end + (base - end) * (1 + cos(.pi * done)) / 2
        case .step(let steps, let factor): return base * pow(factor, Double(steps.count { $0 <= step }))
        }
    }
}
