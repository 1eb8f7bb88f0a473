import Datasets
import Foundation
import Tensors
import TestSupport

/// Batches of real images where there are some, else of synthesised ones, in two sizes.
struct Photographs {
    /// (3, 3, 96, 96) and (2, 3, 64, 112), normalised.
    let batches: [Tensor]

    /// Birds of 20 classes of CUB, where they have been unpacked.
    private static let cub20 = URL(filePath: #filePath).deletingLastPathComponent()
        .appending(path: "../../../shared/data/cub20/CUB_200_2011").standardizedFileURL.path

    /// - Parameter folder: where images may be written.
    init(_ folder: TemporaryFolder) throws {
        var source = Self.cub20
        if !FileManager.default.fileExists(atPath: source) {
            source = folder("birds")
            try SyntheticDataset(classes: 3, trainImagesPerClass: 2, testImagesPerClass: 2).write(to: source)
        }
        let dataset = try DatasetFormat.cub.read(folder: source, options: DatasetOptions())
        let samples = try dataset.samples(of: .test)
        let reader = try ImageReader()
        let pictures = try stride(from: 0, to: samples.count, by: max(1, samples.count / 5)).prefix(5).map {
            try reader.image(of: samples[$0])
        }
        func batch(_ pictures: ArraySlice<RGBImage>, _ size: ImageSize) -> Tensor {
            let images = Tensor([pictures.count, 3, size.height, size.width])
            for (n, picture) in pictures.enumerated() {
                PixelNormalization.imageNet.write(picture.resized(to: size), to: images, at: n)
            }
            return images
        }
        batches = [
            batch(pictures[..<3], ImageSize(width: 96, height: 96)),
            batch(pictures[3...], ImageSize(width: 112, height: 64)),
        ]
    }
}
