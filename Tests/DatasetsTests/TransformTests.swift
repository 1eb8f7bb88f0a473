import Datasets
import Foundation
import Tensors
import Testing

@Suite struct TransformTests {
    @Test func cropsKeepToScaleAndRatio() {
        let transform = TrainingTransform(imageSize: 8, scale: 0.2...0.6)
        let size = ImageSize(width: 300, height: 240)
        var generator = RandomGenerator(1)
        var corners = Set<Int>()
        for _ in 0..<500 {
            let crop = transform.crop(ofImageOf: size, using: &generator)
            #expect(crop.x >= 0 && crop.y >= 0 && crop.x + crop.width <= 300 && crop.y + crop.height <= 240)
            let area = Double(crop.width * crop.height) / (300 * 240)
            let ratio = Double(crop.width) / Double(crop.height)
            // Sides are rounded to whole pixels.
            #expect(area > 0.195 && area < 0.605 && ratio > 0.735 && ratio < 1.36, "\(crop)")
            corners.insert(crop.x)
        }
        #expect(corners.count > 50)
    }

    @Test(arguments: [
        (ImageSize(width: 1000, height: 10), PixelRect(x: 493, y: 0, width: 13, height: 10)),
        (ImageSize(width: 10, height: 1000), PixelRect(x: 0, y: 493, width: 10, height: 13)),
    ]) func imagesTooNarrowForAnyCropGiveTheirCentre(size: ImageSize, expected: PixelRect) {
        var generator = RandomGenerator(3)
        #expect(TrainingTransform(imageSize: 8, scale: 0.5...1).crop(ofImageOf: size, using: &generator) == expected)
    }

    @Test func trainingTransformIsCropResizeFlip() {
        let image = noise(width: 50, height: 40)
        let transform = TrainingTransform(imageSize: 16)
        var flips = 0
        for seed in 0..<40 {
            var generator = RandomGenerator(UInt64(seed))
            let result = transform.apply(to: image, box: nil, using: &generator)
            var again = RandomGenerator(UInt64(seed))
            let crop = transform.crop(ofImageOf: image.size, using: &again)
            let resized = image.cropped(to: crop).resized(to: ImageSize(width: 16, height: 16))
            let isFlipped = again.uniform() < 0.5
            #expect(result == (isFlipped ? resized.flippedHorizontally() : resized))
            flips += isFlipped ? 1 : 0
        }
        #expect(flips > 8 && flips < 32)
    }

    @Test func boxesAreCutOutBeforeEverythingElse() {
        let image = noise(width: 50, height: 40)
        let box = BoundingBox(x: 10.4, y: 5, width: 19.8, height: 25)
        let part = image.cropped(to: PixelRect(x: 10, y: 5, width: 21, height: 25))
        func result(_ transform: any ImageTransform, _ image: RGBImage, _ box: BoundingBox?) -> RGBImage {
            var generator = RandomGenerator(5)
            return transform.apply(to: image, box: box, using: &generator)
        }
        let pairs: [(any ImageTransform, any ImageTransform)] = [
            (TrainingTransform(imageSize: 9, croppingToBox: true), TrainingTransform(imageSize: 9)),
            (EvaluationTransform(imageSize: 9, croppingToBox: true), EvaluationTransform(imageSize: 9)),
            (NativeTransform(croppingToBox: true), NativeTransform()),
        ]
        for (cutting, plain) in pairs {
            #expect(result(cutting, image, box) == result(plain, part, nil))
            #expect(result(cutting, image, nil) == result(plain, image, box))
        }
    }

    @Test(arguments: [
        (BoundingBox(x: -5, y: -5, width: 8, height: 100), PixelRect(x: 0, y: 0, width: 3, height: 40)),
        (BoundingBox(x: 49.5, y: 39.5, width: 0.1, height: 0.1), PixelRect(x: 49, y: 39, width: 1, height: 1)),
        (BoundingBox(x: 60, y: 0, width: 5, height: 5), PixelRect(x: 0, y: 0, width: 50, height: 40)),
    ]) func boxesAreKeptInsideTheImage(box: BoundingBox, expected: PixelRect) {
        #expect(box.pixels(inImageOf: ImageSize(width: 50, height: 40)) == expected)
    }

    @Test func evaluationIsResizeThenCentreCrop() throws {
        var generator = RandomGenerator(0)
        let transform = EvaluationTransform(imageSize: 224)
        let cases = try ResizeTests.Record.read().cases
        for (width, height, size) in [(500, 375, [341, 256]), (375, 500, [256, 341])] {
            let expected = try #require(cases.first { $0.source == [width, height] && $0.size == size })
            let result = transform.apply(to: noise(width: width, height: height), box: nil, using: &generator)
            #expect(crc32(result.pixels) == expected.crc32)
        }
    }
}
