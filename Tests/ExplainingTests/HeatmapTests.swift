import Datasets
import Explaining
import Tensors
import Testing

@Suite struct HeatmapTests {
    private let scale = ColorMap(anchors: [0x000000, 0xFFFFFF])

    /// What PyTorch gives: interpolate(tensor([[[[0., 4.], [8., 12.]]]]), (4, 4), mode="bilinear", align_corners=False)
    @Test func resizingInterpolatesBetweenCentres() {
        let map = Heatmap(width: 2, height: 2, values: [0, 4, 8, 12]).resized(to: ImageSize(width: 4, height: 4))
        #expect(map.values == [0, 1, 3, 4, 2, 3, 5, 6, 6, 7, 9, 10, 8, 9, 11, 12])
    }

    @Test func oneCellCoversTheWholeImage() {
        let map = Heatmap(width: 1, height: 1, values: [0.5]).resized(to: ImageSize(width: 3, height: 2))
        #expect(map.values == [Float](repeating: 0.5, count: 6))
    }

    @Test func imagesOfABatchAreTakenApart() {
        let maps = Tensor((0..<12).map(Float.init), shape: [2, 2, 3])
        #expect(Heatmap(maps, image: 1) == Heatmap(width: 3, height: 2, values: [6, 7, 8, 9, 10, 11]))
    }

    @Test func coloursSpanTheMapOrTheGivenRange() {
        let map = Heatmap(width: 3, height: 1, values: [2, 3, 4])
        #expect(map.image(scale).pixels == [0, 0, 0, 128, 128, 128, 255, 255, 255])
        #expect(map.image(scale, over: 0...5).pixels == [102, 102, 102, 153, 153, 153, 204, 204, 204])
    }

    @Test func mapsWithoutContrastOrNumbersAreDark() {
        #expect(Heatmap(width: 2, height: 1, values: [0.5, 0.5]).image(scale).pixels == [0, 0, 0, 0, 0, 0])
        let broken = Heatmap(width: 3, height: 1, values: [.nan, 0, 1])
        #expect(broken.range == 0...1)
        #expect(broken.image(scale).pixels == [0, 0, 0, 0, 0, 0, 255, 255, 255])
        #expect(Heatmap(width: 1, height: 1, values: [.nan]).range == 0...0)
    }

    @Test func overlayMixesColoursWithTheGreyImage() {
        let image = RGBImage(width: 2, height: 1, pixels: [100, 100, 100, 200, 200, 200])
        let map = Heatmap(width: 2, height: 1, values: [0, 1])
        let mixed = map.overlay(on: image, opacity: 0.25, ColorMap(anchors: [0x000000, 0xFF0000]))
        #expect(mixed.pixels == [75, 75, 75, 214, 150, 150])
    }
}
