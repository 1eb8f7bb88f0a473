extension TrainingConfiguration {
    /// How the learning rate goes from the first to the last step.
    public enum ScheduleChoice: String, CaseIterable, Codable, Sendable {
        /// `LearningRateSchedule.Shape.poly(end:power:)`
        case poly
        /// `LearningRateSchedule.Shape.cosine(end:)`
        case cosine
        /// `LearningRateSchedule.Shape.step(at:factor:)`
        case step
    }

    /// The schedule for epochs of a number of optimizer steps.
    public func learningRateSchedule(stepsPerEpoch: Int) -> LearningRateSchedule {
        let shape: LearningRateSchedule.Shape =
            switch schedule {
            case .poly: .poly(end: endLearningRate, power: polyPower)
            case .cosine: .cosine(end: endLearningRate)
            case .step: .step(at: stepEpochs.values.map { $0 * stepsPerEpoch }, factor: stepFactor)
            }
        return LearningRateSchedule(
            base: learningRate, shape: shape, warmupSteps: Int((warmupEpochs * Double(stepsPerEpoch)).rounded()),
            totalSteps: epochs * stepsPerEpoch)
    }
}
