import Datasets
import Explaining
import Foundation
import Kernels
import Models
import Reporting
import TensorBoard
import Tensors
import TestSupport
import Testing
import Training

struct AttentionSheetTests {
    /// Two different gradients.
    private let pictures = (1...2).map { steepness in
        var pixels: [UInt8] = []
        for y in 0..<64 {
            for x in 0..<64 { pixels += [3 * x, steepness * y, x + steepness * y].map { UInt8($0 % 256) } }
        }
        return RGBImage(width: 64, height: 64, pixels: pixels)
    }

    private func view(_ attention: ModelConfiguration.Attention) throws -> AttentionView {
        var generator = RandomGenerator(3)
        let model = ResNet(
            ModelConfiguration(architecture: .resnet18, attention: attention, classes: 4), input: [2, 3, 64, 64],
            backend: AcceleratedBackend(threads: 1), generator: &generator)
        // Spatial kernels start at zero, and their maps are then even.
        for parameter in model.parameters where parameter.name.contains("spatial") {
            parameter.elements = (0..<parameter.shape.elementCount).map { _ in Float(generator.normal()) }
        }
        let batch = Tensor.zeros([2, 3, 64, 64])
        for (index, picture) in pictures.enumerated() {
            PixelNormalization.imageNet.write(picture, to: batch, at: index)
        }
        let images = pictures.enumerated().map { AttentionView.Image(path: "a/\($0.offset).jpg", picture: $0.element) }
        return AttentionView(step: 74, images: images, records: try model.attention(to: batch).records)
    }

    private func events(_ view: AttentionView) throws -> [SummaryEvent] {
        let folder = try TemporaryFolder()
        try EventsFile(folder: folder.path, continuingAfter: 0).append(view)
        let name = try #require(try names(in: folder.path).first)
        return EventFile.events(in: try Data(contentsOf: URL(filePath: folder(name))))
    }

    /// The greatest mean difference of a tile from what it should be, in levels of 255.
    private func difference(_ image: RGBImage, _ tiles: [RGBImage]) -> Double {
        var greatest = 0.0
        for (index, tile) in tiles.enumerated() {
            let part = image.cropped(to: PixelRect(x: index % 3 * 96, y: index / 3 * 96, width: 96, height: 96))
            var sum = 0
            for (one, other) in zip(part.pixels, tile.pixels) { sum += abs(Int(one) - Int(other)) }
            greatest = max(greatest, Double(sum) / Double(tile.pixels.count))
        }
        return greatest
    }

    @Test func imageIsFollowedByTheMapsOfItsModules() throws {
        let view = try view(.aam)
        let events = try events(view)
        #expect(events.map(\.step) == [74])
        let values = events[0].values
        #expect(values.map(\.tag) == ["attention/a/0.jpg", "attention/a/1.jpg"])
        for (index, value) in values.enumerated() {
            guard case .image(let file, 288, 288) = value.content else {
                Issue.record("\(value)")
                continue
            }
            let sheet = try ImageReader().decode(Array(file), path: value.tag)
            let picture = pictures[index].resized(to: ImageSize(width: 96, height: 96))
            let maps = try view.records.map { Heatmap(try #require($0.position), image: index) }
            let tiles = [picture] + maps.map { $0.overlay(on: picture) }
            #expect(tiles.count == 9)
            #expect(difference(sheet, tiles) < 5, "what JPEG loses")
            #expect(difference(sheet, tiles.reversed()) > 20)
            #expect(value.description.contains("of layer1.0.attention, layer1.1.attention, "))
        }
    }

    @Test(arguments: [ModelConfiguration.Attention.none, .se, .eca])
    func modelsWithoutSpatialMapsHaveNoPictures(attention: ModelConfiguration.Attention) throws {
        #expect(try events(try view(attention)).isEmpty)
    }
}
