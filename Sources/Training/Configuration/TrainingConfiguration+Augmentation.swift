import Datasets

extension TrainingConfiguration {
    /// What training makes of a decoded image.
    public var trainingTransform: TrainingTransform {
        let jitters = [brightness, contrast, saturation, hue].contains { $0 > 0 }
        return TrainingTransform(
            imageSize: imageSize, scale: cropScale.range, ratio: cropRatio.range, flipProbability: flip,
            jitter: jitters
                ? ColorJitter(brightness: brightness, contrast: contrast, saturation: saturation, hue: hue) : nil,
            erasing: erase > 0
                ? RandomErasing(probability: erase, scale: eraseScale.range, ratio: eraseRatio.range) : nil,
            croppingToBox: cropBoxes)
    }

    /// How images are mixed with others, if they are.
    public var mixing: ImageMixing? {
        guard mixup > 0 || cutmix > 0, mixProbability > 0 else { return nil }
        return ImageMixing(mixup: mixup, cutmix: cutmix, probability: mixProbability)
    }
}
