import ArgumentParser
import Models
import Training

private let defaults = TrainingConfiguration(data: "", output: "")

/// What training minimises.
struct LossOptions: ParsableArguments {
    @Option(help: "Cross-entropy, or with it CC-Loss on the last feature map, or centre loss on the pooled features.")
    var loss = defaults.loss
    @Option(help: "What cc or center counts beside cross-entropy.") var mu = defaults.mu
    @Option(help: "Channels that cc gives to a class: a number, or auto for all of them.") var eta = defaults.eta
    @Option(help: "What the diversity of a class's channels counts in cc.") var lambda = defaults.lambda
    @Option(help: "Part of the target that cross-entropy spreads evenly over the classes.")
    var labelSmoothing = defaults.labelSmoothing

    func apply(to configuration: inout TrainingConfiguration) {
        configuration.loss = loss
        configuration.mu = mu
        configuration.eta = eta
        configuration.lambda = lambda
        configuration.labelSmoothing = labelSmoothing
    }

    func validate() throws {
        try require(mu >= 0 && mu.isFinite, "mu", "at least 0", mu)
        try require(lambda >= 0 && lambda.isFinite, "lambda", "at least 0", lambda)
        try require(
            labelSmoothing >= 0 && labelSmoothing < 1, "label-smoothing", "at least 0 and below 1", labelSmoothing)
    }
}
