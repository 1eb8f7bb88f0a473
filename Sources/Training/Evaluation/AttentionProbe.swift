import Datasets
import Models
import Tensors

/// What the attention modules make of a few validation images, at one step of a run.
public struct AttentionView: Sendable {
    /// One of the images.
    public struct Image: Sendable {
        /// In the data set's list.
        public let path: String
        /// As the model sees it.
        public let picture: RGBImage

        /// An image of the validation's list.
        public init(path: String, picture: RGBImage) {
            self.path = path
            self.picture = picture
        }
    }

    /// Optimizer steps that the model was trained for.
    public let step: Int
    /// The images of the records' batches.
    public let images: [Image]
    /// In the order of the forward.
    public let records: [AttentionRecord]

    /// A look at the model after `step`; for observers' tests.
    public init(step: Int, images: [Image], records: [AttentionRecord]) {
        self.step = step
        self.images = images
        self.records = records
    }
}

/// A few images, always the same, whose attention is looked at time and again.
final class AttentionProbe {
    private let images: [AttentionView.Image]

    /// Reads images from all over a list, resized with the centre cut out.
    /// - Parameter skippingUnreadable: leave out those that cannot be read.
    /// - Throws: `ImageError`.
    init(_ samples: [ImageSample], count: Int, imageSize: Int, cropBoxes: Bool, skippingUnreadable: Bool) throws {
        let reader = try ImageReader()
        let transform = EvaluationTransform(imageSize: imageSize, croppingToBox: cropBoxes)
        // The transform draws nothing.
        var generator = RandomGenerator(0)
        let number = min(count, samples.count)
        images = try (0..<number).compactMap { index in
            let sample = samples[index * samples.count / number]
            do {
                let picture = transform.apply(to: try reader.image(of: sample), box: sample.box, using: &generator)
                return AttentionView.Image(path: sample.relativePath, picture: picture)
            } catch  where skippingUnreadable {
                return nil
            }
        }
    }

    /// An inference, which leaves the model as it is.
    /// - Returns: nil without images or attention.
    func look(into model: ResNet, step: Int) throws -> AttentionView? {
        guard let first = images.first else { return nil }
        let batch = Tensor(
            [images.count, 3, first.picture.height, first.picture.width], pool: model.backend.pool)
        for (index, image) in images.enumerated() {
            PixelNormalization.imageNet.write(image.picture, to: batch, at: index)
        }
        let records = try model.attention(to: batch).records
        return records.isEmpty ? nil : AttentionView(step: step, images: images, records: records)
    }
}
