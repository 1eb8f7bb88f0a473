/// Where steps and validations of a run lie on the axes of its curves.
package struct RunPositions {
    package struct Place {
        /// Epochs done, with the part of the one in progress.
        package let epochs: Double
        package let step: Int
        /// Of steps and validations, so far.
        package let seconds: Double
    }

    package private(set) var steps: [Place] = []
    package private(set) var validations: [Place] = []
    /// Seconds in all.
    package private(set) var duration = 0.0

    package init(_ metrics: RunMetrics) {
        var stepsOfEpoch: [Int: Int] = [:]
        for step in metrics.steps { stepsOfEpoch[step.epoch, default: 0] += 1 }
        // The last epoch may be cut short, and an attempt of another batch size may have others.
        let usual = stepsOfEpoch.values.max() ?? 1
        var ahead = metrics.validations[...]
        var (epoch, done) = (0, 0)
        func validate(upTo step: Int) {
            while let validation = ahead.first, validation.step <= step {
                ahead = ahead.dropFirst()
                duration += validation.seconds
                validations.append(
                    Place(epochs: Double(validation.epoch), step: validation.step, seconds: duration))
            }
        }
        for step in metrics.steps {
            validate(upTo: step.step - 1)
            (epoch, done) = step.epoch == epoch ? (epoch, done + 1) : (step.epoch, 1)
            let isWhole = metrics.steps.last?.epoch != step.epoch
            let count = isWhole ? stepsOfEpoch[step.epoch] ?? usual : max(usual, done)
            duration += step.seconds
            steps.append(
                Place(
                    epochs: Double(step.epoch - 1) + Double(done) / Double(count), step: step.step, seconds: duration))
        }
        validate(upTo: .max)
    }
}
