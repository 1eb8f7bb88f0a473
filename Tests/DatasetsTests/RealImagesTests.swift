import Datasets
import Foundation
import Tensors
import Testing

@Suite(.enabled(if: FileManager.default.fileExists(atPath: cub20), "needs ../shared/data/cub20"))
struct RealImagesTests {
    @Test func allDecodeToTheSizeInTheirHeader() throws {
        let dataset = try CUBDataset.read(folder: cub20)
        let decoder = try JPEGDecoder()
        for sample in dataset.train + dataset.test {
            let image = try decoder.decode(contentsOf: sample.path)
            #expect(try decoder.size(ofImageAt: sample.path) == image.size, "\(sample.relativePath)")
            #expect(max(image.width, image.height) <= 500)
        }
    }

    @Test func anEpochLoadsInTwoThreads() throws {
        let dataset = try CUBDataset.read(folder: cub20, options: DatasetOptions(requiringBoxes: true))
        let order = EpochOrder(count: dataset.train.count, batchSize: 64, seed: 1, dropsLast: false)
        let loader = try BatchLoader(
            samples: dataset.train, plans: order.plans(epoch: 0, rank: 0, of: 1),
            transform: TrainingTransform(imageSize: 64, croppingToBox: true), seed: 1, threads: 2)
        var seen: [Int] = []
        var sum = 0.0
        while let batch = try loader.next() {
            seen += batch.indices
            sum += batch.images.elements.reduce(0) { $0 + Double($1) }
        }
        #expect(seen.sorted() == Array(0..<600))
        // Photographs are near ImageNet's mean, so normalised pixels are near 0.
        #expect(abs(sum / (600 * 3 * 64 * 64)) < 0.5)
    }
}
