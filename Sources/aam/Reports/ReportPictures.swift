import Datasets
import Explaining
import Foundation
import HTMLReport
import Models
import Tensors
import Training

/// Makes the pictures of a report: images as a model saw them, and where it looked.
struct ReportPictures {
    private let model: ReportedModel
    private let size: Int
    private let reader: ImageReader
    private let encoder: JPEGEncoder

    /// - Parameter size: of the pictures' longer side in pixels, at most.
    /// - Throws: `ImageError.codec`.
    init(_ model: ReportedModel, size: Int) throws {
        self.model = model
        self.size = size
        reader = try ImageReader()
        encoder = try JPEGEncoder()
    }

    /// Adds the pictures that the evaluation has not yet, but for images that cannot be read.
    /// - Throws: failures of the model and of the encoder.
    func add(_ selection: EvaluationSelection, to evaluation: inout RunEvaluation) throws {
        let places = Dictionary(model.samples.enumerated().map { ($1.relativePath, $0) }) { first, _ in first }
        for position in selection.images {
            let isError = selection.errors.contains(position)
            guard evaluation.pictures[position] == nil || isError && evaluation.maps[position] == nil else { continue }
            let image = evaluation.images[position]
            guard let place = places[image.path], let view = try? view(of: model.samples[place]) else { continue }
            evaluation.pictures[position] = try picture(of: view)
            if isError { evaluation.maps[position] = try maps(of: view, image) }
        }
    }

    /// Where a spatial attention map lets features through, and what spoke for the class that it was taken for, and for
    /// its own.
    private func maps(of view: RGBImage, _ image: RunEvaluation.Image) throws -> [RunEvaluation.Map] {
        let resnet = model.trained.model
        let input = Tensor.zeros([1, 3, view.height, view.width])
        PixelNormalization.imageNet.write(view, to: input, at: 0)
        func map(_ caption: String, _ title: String, _ heatmap: Heatmap) throws -> RunEvaluation.Map {
            RunEvaluation.Map(caption: caption, title: title, picture: try picture(of: heatmap.overlay(on: view)))
        }
        var maps: [RunEvaluation.Map] = []
        if let (module, attention) = Self.telling(try resnet.attention(to: input).records) {
            maps.append(try map("attention", "spatial attention of \(module)", attention))
        }
        for (caption, label) in [("for the mistake", image.ranking[0]), ("for the truth", image.label)] {
            let evidence = try GradCAM(of: resnet, input) { _, _ in label }
            maps.append(try map(caption, "Grad-CAM \(caption)", evidence.maps[0]))
        }
        return maps
    }

    /// The last map over positions, or an earlier one where that has but a few cells.
    private static func telling(_ records: [AttentionRecord]) -> (module: String, map: Heatmap)? {
        let maps = records.compactMap { record in
            record.position.map { (record.module.replacing(".attention", with: ""), Heatmap($0, image: 0)) }
        }
        return maps.last { min($1.width, $1.height) >= 4 } ?? maps.last
    }

    /// What the model sees of an image.
    private func view(of sample: ImageSample) throws -> RGBImage {
        // Evaluation draws nothing.
        var generator = RandomGenerator(0)
        return model.trained.preprocessing.transform.apply(
            to: try reader.image(of: sample), box: sample.box, using: &generator)
    }

    /// Small, and as a text.
    private func picture(of image: RGBImage) throws -> RunEvaluation.Picture {
        let longer = max(image.width, image.height)
        let scale = min(1, Double(size) / Double(longer))
        func scaled(_ side: Int) -> Int { max(1, Int((Double(side) * scale).rounded())) }
        let small = image.resized(to: ImageSize(width: scaled(image.width), height: scaled(image.height)))
        return Data(try encoder.encode(small, quality: 85)).base64EncodedString()
    }
}
