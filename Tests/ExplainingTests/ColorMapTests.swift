import Explaining
import Foundation
import Testing

@Suite struct ColorMapTests {
    /// CIE 1976 lightness, 0 to 100, of sRGB.
    private func lightness(_ color: SIMD3<Float>) -> Double {
        let linear = (0..<3).map { channel -> Double in
            let value = Double(color[channel]) / 255
            return value <= 0.04045 ? value / 12.92 : pow((value + 0.055) / 1.055, 2.4)
        }
        let y = 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]
        return y > 216.0 / 24389 ? 116 * cbrt(y) - 16 : 24389.0 / 27 * y
    }

    @Test func lightnessOfViridisGrowsEvenly() {
        let steps = 20
        let levels = (0...steps).map { lightness(ColorMap.viridis.color(Float($0) / Float(steps))) }
        let mean = (levels[steps] - levels[0]) / Double(steps)
        #expect(levels[0] < 16 && levels[steps] > 90)
        for (lower, upper) in zip(levels, levels.dropFirst()) { #expect(abs(upper - lower - mean) < 0.35 * mean) }
    }

    @Test func valuesOutsideGetTheNearestColour() {
        let map = ColorMap(anchors: [0x000000, 0x0A1420, 0xFF8040])
        #expect(map.color(0.25) == SIMD3(5, 10, 16))
        #expect(map.color(-3) == map.color(0) && map.color(.nan) == map.color(0))
        #expect(map.color(.infinity) == SIMD3(255, 128, 64) && map.color(1) == map.color(2))
    }
}
