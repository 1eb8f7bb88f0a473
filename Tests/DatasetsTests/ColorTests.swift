import Datasets
import Foundation
import Tensors
import Testing

@Suite struct ColorTests {
    struct Case: Decodable, CustomTestStringConvertible {
        let change: String
        let amount: Double
        let checksum: String

        var testDescription: String { "\(change) \(amount)" }

        func apply(to image: RGBImage) -> RGBImage? {
            switch change {
            case "brightness": image.adjustingBrightness(by: Float(amount))
            case "contrast": image.adjustingContrast(by: Float(amount))
            case "saturation": image.adjustingSaturation(by: Float(amount))
            case "hue": image.adjustingHue(by: amount)
            default: nil
            }
        }
    }

    private struct Fixture: Decodable { let cases: [Case] }

    static let cases: [Case] = {
        let json = try? Data(contentsOf: fixtures.appending(path: "color.json"))
        return json.flatMap { try? JSONDecoder().decode(Fixture.self, from: $0).cases } ?? []
    }()

    /// As in Tools/fixtures/color.py: 140,608 colours.
    static let image: RGBImage = {
        var pixels: [UInt8] = []
        for blue in 0..<52 {
            for green in 0..<52 {
                for red in 0..<52 { pixels += [UInt8(5 * red), UInt8(5 * green), UInt8(5 * blue)] }
            }
        }
        return RGBImage(width: 52, height: 2704, pixels: pixels)
    }()

    @Test func theFixtureIsThere() {
        #expect(Set(Self.cases.map(\.change)) == ["brightness", "contrast", "saturation", "hue"])
    }

    @Test(arguments: cases) func agreesWithPillowBitForBit(change: Case) throws {
        let changed = try #require(change.apply(to: Self.image))
        #expect(String(crc32(changed.pixels), radix: 16) == String(UInt32(change.checksum, radix: 16) ?? 0, radix: 16))
    }

    @Test func jitterDrawsItsFactorsWithinBounds() {
        let grey = RGBImage(width: 1, height: 1, pixels: [100, 100, 100])
        let jitter = ColorJitter(brightness: 0.25)
        var values: Set<UInt8> = []
        for seed in 0..<300 {
            var generator = RandomGenerator(UInt64(seed))
            values.insert(jitter.apply(to: grey, using: &generator)[0, 0].red)
        }
        #expect(values.isSubset(of: Set(75...125)))
        #expect(values.count > 40)
    }

    /// Brightness before contrast is another image than after it.
    @Test func jitterComesInEveryOrder() {
        let image = RGBImage(width: 2, height: 1, pixels: [10, 60, 200, 250, 20, 90])
        let jitter = ColorJitter(brightness: 0.4, contrast: 0.4, saturation: 0.4, hue: 0.1)
        var generator = RandomGenerator(1)
        var again = RandomGenerator(1)
        let first = jitter.apply(to: image, using: &generator)
        #expect(first == jitter.apply(to: image, using: &again))
        #expect(first != jitter.apply(to: image, using: &generator))
        var orders: Set<[Int]> = []
        for _ in 0..<500 { orders.insert(generator.permutation(4)) }
        #expect(orders.count == 24)
    }
}
