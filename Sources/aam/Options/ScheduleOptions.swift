import ArgumentParser
import Collectives
import Training

private let defaults = TrainingConfiguration(data: "", output: "")

/// How the learning rate changes.
struct ScheduleOptions: ParsableArguments {
    @Option(help: "The learning rate of the first step after the warm-up.") var learningRate = defaults.learningRate
    @Option(
        help: """
            poly: end + (first - end)·(1 - t/T)^power; cosine: end + (first - end)·(1 + cos(πt/T))/2; step: first times \
            a factor after given epochs.
            """)
    var schedule = defaults.schedule
    @Option(help: "With poly and cosine: the last learning rate.") var endLearningRate = defaults.endLearningRate
    @Option(help: "With poly: the power.") var polyPower = defaults.polyPower
    @Option(help: "With step: the epochs after which the learning rate falls, as in 30,60,80.")
    var stepEpochs = defaults.stepEpochs
    @Option(help: "With step: what the learning rate is multiplied by.") var stepFactor = defaults.stepFactor
    @Option(help: "Epochs, or a part of one, in which the learning rate rises in a line to the first of the schedule.")
    var warmupEpochs = defaults.warmupEpochs

    func apply(to configuration: inout TrainingConfiguration) {
        configuration.learningRate = learningRate
        configuration.schedule = schedule
        configuration.endLearningRate = endLearningRate
        configuration.polyPower = polyPower
        configuration.stepEpochs = stepEpochs
        configuration.stepFactor = stepFactor
        configuration.warmupEpochs = warmupEpochs
    }

    func validate() throws {
        try require(learningRate > 0 && learningRate.isFinite, "learning-rate", "above 0", learningRate)
        try require(
            endLearningRate >= 0 && endLearningRate.isFinite, "end-learning-rate", "at least 0", endLearningRate)
        try require(polyPower > 0 && polyPower.isFinite, "poly-power", "above 0", polyPower)
        let drops = stepEpochs.values
        try require(
            drops.allSatisfy { $0 > 0 } && zip(drops, drops.dropFirst()).allSatisfy(<), "step-epochs",
            "a list of rising epochs such as 30,60,80", stepEpochs)
        try require(stepFactor > 0 && stepFactor.isFinite, "step-factor", "above 0", stepFactor)
        try require(warmupEpochs >= 0 && warmupEpochs.isFinite, "warmup-epochs", "at least 0", warmupEpochs)
    }

    /// Checks what single values do not show.
    /// - Throws: `JobFailure`.
    func check(epochs: Int) throws {
        if schedule == .step, stepEpochs.values.isEmpty {
            throw JobFailure(
                "--schedule step has no epochs at which the learning rate falls",
                hint: "give them by --step-epochs, as in --step-epochs 30,60,80")
        }
        if warmupEpochs >= Double(epochs) {
            throw JobFailure(
                "--warmup-epochs \(warmupEpochs) leaves nothing of the \(epochs) epochs of the run",
                hint: "give fewer --warmup-epochs or more --epochs")
        }
    }
}
