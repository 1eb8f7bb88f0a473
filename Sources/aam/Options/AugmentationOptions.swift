import ArgumentParser
import Training

private let defaults = TrainingConfiguration(data: "", output: "")

/// How training images are changed. Every image's draws depend on the seed, the epoch and the image alone.
struct AugmentationOptions: ParsableArguments {
    @Option(help: "Least and greatest part of an image's area in a training crop, as in 0.08,1; or the least alone.")
    var cropScale = defaults.cropScale
    @Option(help: "Least and greatest width / height of a training crop.") var cropRatio = defaults.cropRatio
    @Option(help: "Probability of mirroring.") var flip = defaults.flip
    @Option(help: "Jitter of brightness: a factor from 1 - a to 1 + a.") var brightness = defaults.brightness
    @Option(help: "Jitter of contrast: a factor from 1 - a to 1 + a.") var contrast = defaults.contrast
    @Option(help: "Jitter of saturation: a factor from 1 - a to 1 + a.") var saturation = defaults.saturation
    @Option(help: "Jitter of hue: a turn of -a to a of the colour circle, at most 0.5.") var hue = defaults.hue
    @Option(help: "Probability that a rectangle is erased.") var erase = defaults.erase
    @Option(help: "Least and greatest part of the area that is erased.") var eraseScale = defaults.eraseScale
    @Option(help: "Least and greatest height / width of what is erased.") var eraseRatio = defaults.eraseRatio
    @Option(help: "Mix images and labels with others', with weights from Beta(a, a); 0 for none.")
    var mixup = defaults.mixup
    @Option(help: "Paste rectangles of other images, of parts from Beta(a, a), and mix labels; 0 for none.")
    var cutmix = defaults.cutmix
    @Option(help: "Part of the images that are mixed; with both kinds, each has half of them.")
    var mixProbability = defaults.mixProbability

    func apply(to configuration: inout TrainingConfiguration) {
        configuration.cropScale = cropScale
        configuration.cropRatio = cropRatio
        configuration.flip = flip
        configuration.brightness = brightness
        configuration.contrast = contrast
        configuration.saturation = saturation
        configuration.hue = hue
        configuration.erase = erase
        configuration.eraseScale = eraseScale
        configuration.eraseRatio = eraseRatio
        configuration.mixup = mixup
        configuration.cutmix = cutmix
        configuration.mixProbability = mixProbability
    }

    func validate() throws {
        for (option, scale) in [("crop-scale", cropScale), ("erase-scale", eraseScale)] {
            try require(
                scale.range.lowerBound > 0 && scale.range.upperBound <= 1, option, "above 0 and at most 1", scale)
        }
        for (option, ratio) in [("crop-ratio", cropRatio), ("erase-ratio", eraseRatio)] {
            try require(ratio.range.lowerBound > 0, option, "above 0", ratio)
        }
        for (option, probability) in [("flip", flip), ("erase", erase), ("mix-probability", mixProbability)] {
            try require((0...1).contains(probability), option, "from 0 to 1", probability)
        }
        for (option, amount) in [("brightness", brightness), ("contrast", contrast), ("saturation", saturation)] {
            try require(amount >= 0 && amount.isFinite, option, "at least 0", amount)
        }
        try require((0...0.5).contains(hue), "hue", "from 0 to 0.5", hue)
        for (option, alpha) in [("mixup", mixup), ("cutmix", cutmix)] {
            try require(alpha >= 0 && alpha.isFinite, option, "at least 0", alpha)
        }
    }
}
