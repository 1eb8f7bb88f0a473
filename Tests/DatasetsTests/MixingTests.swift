import Datasets
import Foundation
import Tensors
import Testing

@Suite struct MixingTests {
    /// Images of one grey each, so that a mixed pixel tells its parts; labels are the images' numbers.
    private static func loader(
        _ mixing: ImageMixing?, indices: [Int] = Array(0..<8), erasing: RandomErasing? = nil, threads: Int = 2,
        skipping: Bool = false, missing: Int? = nil, in folder: TemporaryFolder
    ) throws -> BatchLoader {
        let encoder = try JPEGEncoder()
        let samples = try (0..<8).map { index in
            let grey = [UInt8](repeating: UInt8(20 * index + 40), count: 3 * 32 * 32)
            let path = try folder.write(
                encoder.encode(RGBImage(width: 32, height: 32, pixels: grey), quality: 100), to: "\(index).jpg")
            return ImageSample(
                path: index == missing ? path + ".missing" : path, relativePath: "\(index).jpg", label: index,
                officialID: index)
        }
        return try BatchLoader(
            samples: samples, plans: [BatchPlan(epoch: 3, number: 0, indices: indices)],
            transform: TrainingTransform(imageSize: 32, erasing: erasing), seed: 5, threads: threads, mixing: mixing,
            skippingUnreadable: skipping, normalization: PixelNormalization(mean: [0, 0, 0], deviation: [1, 1, 1]))
    }

    private static func grey(_ label: Int32) -> Float { Float(20 * label + 40) / 255 }

    private static func pixels(of batch: ImageBatch, at n: Int) -> [Float] {
        Array(batch.images.elements[n * 3072..<(n + 1) * 3072])
    }

    @Test func mixupAddsPixelsWithTheLabelsWeights() throws {
        let folder = try TemporaryFolder()
        let batch = try #require(try Self.loader(ImageMixing(mixup: 0.8), in: folder).next())
        var others: Set<Int32> = []
        for n in 0..<8 {
            let mix = try #require(batch.mixes[n])
            others.insert(mix.other)
            let expected = Float(mix.weight) * Self.grey(batch.labels[n]) + Float(1 - mix.weight) * Self.grey(mix.other)
            #expect(Self.pixels(of: batch, at: n).allSatisfy { abs($0 - expected) < 1e-5 })
        }
        #expect(others.count > 3)
    }

    @Test func cutmixPastesARectangleOfTheWeightsArea() throws {
        let folder = try TemporaryFolder()
        let batch = try #require(try Self.loader(ImageMixing(cutmix: 1), in: folder).next())
        var pasted = 0
        for n in 0..<8 {
            let mix = try #require(batch.mixes[n])
            let pixels = Self.pixels(of: batch, at: n)
            let own = pixels.count { abs($0 - Self.grey(batch.labels[n])) < 1e-5 }
            let other = pixels.count { abs($0 - Self.grey(mix.other)) < 1e-5 }
            guard mix.other != batch.labels[n] else { continue }
            #expect(own + other == 3072)
            #expect(abs(Double(own) / 3072 - mix.weight) < 1e-9)
            if mix.weight > 0, mix.weight < 1 { pasted += 1 }
        }
        #expect(pasted > 2)
    }

    @Test func whatAnImageBecomesIsItsOwnAffair() throws {
        let folder = try TemporaryFolder()
        let mixing = ImageMixing(mixup: 0.4, cutmix: 1, probability: 0.8)
        let whole = try #require(try Self.loader(mixing, threads: 1, in: folder).next())
        #expect(whole.mixes.contains { $0 == nil })
        #expect(whole.mixes.contains { $0 != nil })
        for indices in [[5], [7, 2, 0], Array((0..<8).reversed())] {
            let part = try #require(try Self.loader(mixing, indices: indices, threads: 3, in: folder).next())
            for (n, index) in indices.enumerated() {
                #expect(Self.pixels(of: part, at: n) == Self.pixels(of: whole, at: index))
                #expect(part.mixes[n] == whole.mixes[index])
            }
        }
    }

    @Test func anImageWhoseOtherCannotBeReadStaysAsItIsIfThoseAreSkipped() throws {
        let folder = try TemporaryFolder()
        let mixing = ImageMixing(mixup: 1)
        let sound = try #require(try Self.loader(mixing, in: folder).next())
        let index = try #require(sound.mixes.indices.first { sound.mixes[$0]?.other != Int32($0) })
        let other = Int(try #require(sound.mixes[index]).other)
        let batch = try #require(
            try Self.loader(mixing, indices: [index], skipping: true, missing: other, in: folder).next())
        #expect(batch.mixes == [nil])
        #expect(Self.pixels(of: batch, at: 0).allSatisfy { abs($0 - Self.grey(Int32(index))) < 1e-5 })
        let description = errorDescription {
            _ = try Self.loader(mixing, indices: [index], missing: other, in: folder).next()
        }
        #expect(description.contains("\(other).jpg.missing"), "\(description)")
    }

    @Test func erasedRectanglesAreZeroAndOfTheGivenArea() throws {
        let folder = try TemporaryFolder()
        let erasing = RandomErasing(probability: 1, scale: 0.1...0.3)
        let batch = try #require(try Self.loader(nil, erasing: erasing, in: folder).next())
        for n in 0..<8 {
            let zeros = Self.pixels(of: batch, at: n).count { $0 == 0 }
            // Sides are rounded to whole pixels.
            #expect(zeros % 3 == 0 && (0.08...0.33).contains(Double(zeros) / 3072), "\(zeros)")
        }
        #expect(batch.mixes == [LabelMix?](repeating: nil, count: 8))
    }

    @Test func erasingHappensAsOftenAsItsProbabilityAndKeepsToTheRatio() {
        let erasing = RandomErasing(probability: 0.25, scale: 0.02...0.33, ratio: 0.5...2)
        var generator = RandomGenerator(4)
        let regions = (0..<4000).map { _ in
            erasing.region(ofImageOf: ImageSize(width: 100, height: 80), using: &generator)
        }
        let drawn = regions.compactMap { $0 }
        #expect((900...1100).contains(drawn.count))
        for region in drawn {
            #expect((0.45...2.2).contains(Double(region.height) / Double(region.width)), "\(region)")
            #expect(region.x + region.width <= 100 && region.y + region.height <= 80)
        }
    }

    /// Mean 1/2 and variance 1/(4(2α + 1)).
    @Test(arguments: [0.1, 0.4, 1, 3]) func weightsAreBetaDistributed(alpha: Double) {
        var generator = RandomGenerator(2)
        let draws = (0..<20000).map { _ in generator.symmetricBeta(alpha) }
        #expect(draws.allSatisfy { (0...1).contains($0) })
        let mean = draws.reduce(0, +) / 20000
        let variance = draws.reduce(0) { $0 + ($1 - mean) * ($1 - mean) } / 20000
        #expect(abs(mean - 0.5) < 0.012)
        #expect(abs(variance * 4 * (2 * alpha + 1) - 1) < 0.05)
    }
}
