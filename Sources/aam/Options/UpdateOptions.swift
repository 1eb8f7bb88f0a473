import ArgumentParser
import Training

private let defaults = TrainingConfiguration(data: "", output: "")

/// What a step does with gradients and parameters.
struct UpdateOptions: ParsableArguments {
    @Option(help: "SGD's momentum.") var momentum = defaults.momentum
    @Option(help: "Weight decay, added to the gradient.") var weightDecay = defaults.weightDecay
    @Flag(inversion: .prefixedNo, help: "Weight decay of batch norms' parameters and of biases too.")
    var normDecay = defaults.normDecay
    @Flag(inversion: .prefixedNo, help: "Nesterov's momentum.") var nesterov = defaults.nesterov
    @Option(
        help: """
            Batches whose gradients are added before a step, which is that of a batch as many times as large, except \
            that batch norm sees each alone. Steps and epochs are counted in these.
            """)
    var accumulate = defaults.accumulate
    @Option(help: "The greatest L2 norm of all gradients of a step together; 0 for no limit.")
    var clipNorm = defaults.clipNorm
    @Option(
        help: """
            Keep an exponential moving average of the weights, with this decay a step; it is validated and saved too, \
            and chooses the best checkpoint. 0 for none.
            """)
    var ema = defaults.ema
    @Option(help: "Layers that stay as they are, as in conv1,bn1,layer1.") var freeze = defaults.freeze

    func apply(to configuration: inout TrainingConfiguration) {
        configuration.momentum = momentum
        configuration.weightDecay = weightDecay
        configuration.normDecay = normDecay
        configuration.nesterov = nesterov
        configuration.accumulate = accumulate
        configuration.clipNorm = clipNorm
        configuration.ema = ema
        configuration.freeze = freeze
    }

    func validate() throws {
        try require(momentum >= 0 && momentum < 1, "momentum", "at least 0 and below 1", momentum)
        try require(weightDecay >= 0 && weightDecay.isFinite, "weight-decay", "at least 0", weightDecay)
        if nesterov { try require(momentum > 0, "momentum", "above 0 with --nesterov", momentum) }
        try require(accumulate > 0, "accumulate", "at least 1", accumulate)
        try require(clipNorm >= 0 && clipNorm.isFinite, "clip-norm", "at least 0", clipNorm)
        try require(ema >= 0 && ema < 1, "ema", "at least 0 and below 1", ema)
    }
}
