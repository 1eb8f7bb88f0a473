import Datasets
import Foundation
import Tensors
import Testing

/// The noise of `Tools/fixtures/resize.py`.
func noise(width: Int, height: Int) -> RGBImage {
    var state: UInt32 = 1
    return RGBImage(
        width: width, height: height,
        pixels: (0..<3 * width * height).map { _ in
            state = 1_664_525 &* state &+ 1_013_904_223
            return UInt8(state >> 24)
        })
}

@Suite struct ResizeTests {
    struct Case: Decodable, CustomTestStringConvertible {
        let source, crop, size, kept: [Int]
        let crc32: UInt32

        var testDescription: String { "\(source), part \(crop), to \(size), kept \(kept)" }
        var keptBytes: Int { 3 * kept[2] * kept[3] }
    }

    struct Record: Decodable {
        let cases: [Case]
        let normalizedCRC32: UInt32

        static func read() throws -> Record {
            try JSONDecoder().decode(Record.self, from: Data(try bytes("resize.json")))
        }
    }

    private func resized(_ example: Case) -> RGBImage {
        func rect(_ numbers: [Int]) -> PixelRect {
            PixelRect(x: numbers[0], y: numbers[1], width: numbers[2], height: numbers[3])
        }
        return noise(width: example.source[0], height: example.source[1]).resized(
            to: ImageSize(width: example.size[0], height: example.size[1]), from: rect(example.crop),
            keeping: rect(example.kept))
    }

    @Test(arguments: try Record.read().cases) func equalsPillowBitForBit(example: Case) {
        #expect(crc32(resized(example).pixels) == example.crc32)
    }

    @Test func smallResultsEqualPillowSampleForSample() throws {
        var expected = try bytes("resize.rgb")[...]
        for example in try Record.read().cases where example.keptBytes < 10000 {
            #expect(resized(example).pixels == Array(expected.prefix(example.keptBytes)), "\(example.testDescription)")
            expected = expected.dropFirst(example.keptBytes)
        }
        #expect(expected.isEmpty)
    }

    @Test func normalizationEqualsSinglePrecisionExactly() throws {
        let levels = RGBImage(width: 256, height: 1, pixels: (0..<768).map { UInt8($0 / 3) })
        let images = Tensor([2, 3, 1, 256])
        images.zero()
        PixelNormalization.imageNet.write(levels, to: images, at: 1)
        let (first, second) = (images.elements.prefix(768), images.elements.suffix(768))
        #expect(first.allSatisfy { $0 == 0 })
        let words = second.flatMap { value in (0..<4).map { UInt8(truncatingIfNeeded: value.bitPattern >> (8 * $0)) } }
        #expect(try crc32(words) == Record.read().normalizedCRC32)
    }

    @Test func normalizationIsPlanar() {
        let image = RGBImage(width: 2, height: 1, pixels: [0, 1, 2, 3, 4, 5])
        let plain = PixelNormalization(mean: [0, 0, 0], deviation: [1 / 255, 1 / 255, 1 / 255])
        let images = Tensor([1, 3, 1, 2])
        plain.write(image, to: images, at: 0)
        #expect(images.elements.map { $0.rounded() } == [0, 3, 1, 4, 2, 5])
    }
}
