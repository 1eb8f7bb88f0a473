import Foundation

/// Changes of colour as Pillow's `ImageEnhance` and HSV conversion compute them, bit for bit, and so as torchvision's
/// `adjust_…` functions do on Pillow's images.
extension RGBImage {
    /// Each sample times `factor`: 0 is black, 1 the image.
    public func adjustingBrightness(by factor: Float) -> RGBImage {
        blended(factor) { _, _, _ in (0, 0, 0) }
    }

    /// Away from the mean grey: 0 is that grey, 1 the image.
    public func adjustingContrast(by factor: Float) -> RGBImage {
        let total = withUnsafeSamples { samples in
            stride(from: 0, to: samples.count, by: 3).reduce(0) { sum, at in
                sum + Int(Self.luminance(samples[at], samples[at + 1], samples[at + 2]))
            }
        }
        let mean = UInt8(Double(total) / Double(width * height) + 0.5)
        return blended(factor) { _, _, _ in (mean, mean, mean) }
    }

    /// Away from each pixel's grey: 0 is a grey image, 1 the image.
    public func adjustingSaturation(by factor: Float) -> RGBImage {
        blended(factor) { red, green, blue in
            let grey = Self.luminance(red, green, blue)
            return (grey, grey, grey)
        }
    }

    /// Turns the hue by `turns` of a circle, -0.5 to 0.5, in steps of 1/256.
    public func adjustingHue(by turns: Double) -> RGBImage {
        precondition((-0.5...0.5).contains(turns), "a hue turns by -0.5 to 0.5, not \(turns)")
        let shift = UInt8(truncatingIfNeeded: Int(turns * 255))
        return mapped { red, green, blue in
            var color = HSVColor(red: red, green: green, blue: blue)
            color.hue &+= shift
            return color.rgb
        }
    }

    /// ITU-R 601-2's luma in Pillow's fixed-point arithmetic.
    private static func luminance(_ red: UInt8, _ green: UInt8, _ blue: UInt8) -> UInt8 {
        let sum: Int = Int(red) * 19595 + Int(green) * 38470 + Int(blue) * 7471
        return UInt8((sum + 0x8000) >> 16)
    }

    /// other + factor·(image - other), cut off at 0 and 255, where `other` follows from a pixel.
    private func blended(
        _ factor: Float, with other: (UInt8, UInt8, UInt8) -> (UInt8, UInt8, UInt8)
    ) -> RGBImage {
        func blend(_ from: UInt8, _ to: UInt8) -> UInt8 {
            let value = Float(from) + factor * Float(Int(to) - Int(from))
            return UInt8(min(max(value, 0), 255))
        }
        return mapped { red, green, blue in
            let o = other(red, green, blue)
            return (blend(o.0, red), blend(o.1, green), blend(o.2, blue))
        }
    }

    private func mapped(_ body: (UInt8, UInt8, UInt8) -> (UInt8, UInt8, UInt8)) -> RGBImage {
        withUnsafeSamples { source in
            RGBImage(width: width, height: height) { destination in
                for at in stride(from: 0, to: source.count, by: 3) {
                    (destination[at], destination[at + 1], destination[at + 2]) = body(
                        source[at], source[at + 1], source[at + 2])
                }
            }
        }
    }
}

/// Hue, saturation and value in 8 bits, rounded where Pillow rounds.
private struct HSVColor {
    var hue: UInt8
    let saturation: UInt8
    let value: UInt8

    init(red: UInt8, green: UInt8, blue: UInt8) {
        let (greatest, least) = (max(red, green, blue), min(red, green, blue))
        value = greatest
        guard least < greatest else {
            (hue, saturation) = (0, 0)
            return
        }
        let range = Float(greatest - least)
        func part(_ sample: UInt8) -> Float { Float(greatest - sample) / range }
        let (r, g, b) = (part(red), part(green), part(blue))
        let sixths: Float =
            if red == greatest {
                b - g
            } else if green == greatest {
                Float(2.0 + Double(r) - Double(b))
            } else {
                Float(4.0 + Double(g) - Double(r))
            }
        let turns = Float(fmod(Double(sixths) / 6.0 + 1.0, 1.0))
        hue = UInt8(min(max(Double(turns) * 255.0, 0), 255))
        saturation = UInt8(min(max(Double(range / Float(greatest)) * 255.0, 0), 255))
    }

    var rgb: (UInt8, UInt8, UInt8) {
        guard saturation > 0 else { return (value, value, value) }
        let sixths = Double(hue) * 6.0 / 255.0
        let sector = Int(sixths.rounded(.down))
        let part = Double(Float(sixths - Double(sector)))
        let s = Double(Float(Double(saturation) / 255.0))
        func rounded(_ factor: Double) -> UInt8 {
            let product = Double(value) * factor
            return UInt8(min(max(product.rounded(), 0), 255))
        }
        let p = rounded(1.0 - s)
        let q = rounded(1.0 - s * part)
        let t = rounded(1.0 - s * (1.0 - part))
        switch sector % 6 {
        case 0: return (value, t, p)
        case 1: return (q, value, p)
        case 2: return (p, value, t)
        case 3: return (p, q, value)
        case 4: return (t, p, value)
        default: return (value, p, q)
        }
    }
}
