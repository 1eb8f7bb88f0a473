/// Estimates the time to the end of a run from the times of its last steps and validation.
struct RemainingTime {
    private var secondsPerStep: Double?
    private var secondsPerValidation = 0.0
    private var steps = 0

    /// The first step makes kernels and is left out; later ones count with a weight that falls by 5 % a step.
    mutating func add(stepSeconds: Double) {
        steps += 1
        guard steps > 1 else { return }
        secondsPerStep = secondsPerStep.map { 0.95 * $0 + 0.05 * stepSeconds } ?? stepSeconds
    }

    mutating func add(validationSeconds: Double) {
        secondsPerValidation = validationSeconds
    }

    func seconds(steps: Int, validations: Int) -> Double? {
        secondsPerStep.map { $0 * Double(steps) + secondsPerValidation * Double(validations) }
    }
}
