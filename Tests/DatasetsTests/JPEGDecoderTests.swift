import Datasets
import Foundation
import Testing

@Suite struct JPEGDecoderTests {
    private struct Record: Decodable {
        let pillow: String
        let sizes: [String: [Int]]
    }

    private static func record() throws -> Record {
        try JSONDecoder().decode(Record.self, from: Data(try bytes("jpeg.json")))
    }

    static let kinds =
        ["color-420", "color-422", "color-444", "progressive", "rgb", "grey", "cmyk", "cmyk-without-adobe", "ycck"]
        + (1...8).map { "exif-\($0)" }

    /// Pillow has a libjpeg-turbo of its own, whose arithmetic may differ by rounding; between libjpeg-turbo 2.1.5 and
    /// Pillow's 3.2.0 no sample does.
    @Test(arguments: kinds) func decodesAsPillowDoes(kind: String) throws {
        let size = try #require(try Self.record().sizes[kind])
        let expected = try bytes("\(kind).rgb")
        let image = try JPEGDecoder().decode(contentsOf: fixtures.appending(path: "\(kind).jpg").path)
        #expect(image.size == ImageSize(width: size[0], height: size[1]))
        let pixels = image.pixels
        try #require(pixels.count == expected.count)
        let worst = zip(pixels, expected).map { abs(Int($0) - Int($1)) }.enumerated().max { $0.element < $1.element }
        #expect((worst?.element ?? 0) <= 2, "sample \(worst?.offset ?? 0) differs by \(worst?.element ?? 0)")
    }

    @Test(arguments: kinds) func headerGivesTheUprightSize(kind: String) throws {
        let size = try #require(try Self.record().sizes[kind])
        let path = fixtures.appending(path: "\(kind).jpg").path
        #expect(try JPEGDecoder().size(ofImageAt: path) == ImageSize(width: size[0], height: size[1]))
    }

    @Test func headerLongerThanUsualIsReadWhole() throws {
        let folder = try TemporaryFolder()
        let jpeg = try bytes("color-420.jpg")
        let comment: [UInt8] = [0xFF, 0xFE, 0xFF, 0xFF] + [UInt8](repeating: 7, count: 0xFFFD)
        let path = try folder.write(jpeg[..<2] + comment + comment + jpeg[2...], to: "long.jpg")
        #expect(try JPEGDecoder().size(ofImageAt: path) == ImageSize(width: 45, height: 31))
        #expect(try JPEGDecoder().decode(contentsOf: path) == JPEGDecoder().decode(jpeg, path: ""))
    }

    @Test func truncationIsAnErrorWhereverItFalls() throws {
        let jpeg = try bytes("color-444.jpg")
        let decoder = try JPEGDecoder()
        let whole = try decoder.decode(jpeg, path: "whole.jpg")
        for length in stride(from: 1, to: jpeg.count, by: 1) {
            #expect(throws: ImageError.self, "\(length) of \(jpeg.count) bytes") {
                try decoder.decode(Array(jpeg[..<length]), path: "cut.jpg")
            }
        }
        #expect(try decoder.decode(jpeg, path: "whole.jpg") == whole)
        #expect(
            errorDescription { _ = try decoder.decode(Array(jpeg[..<900]), path: "birds/cut.jpg") }
                == "birds/cut.jpg: the JPEG is truncated (Premature end of JPEG file); copy it again from the data"
                + " set's archive")
    }

    @Test func bytesBetweenSegmentsAreHarmless() throws {
        let jpeg = try bytes("color-420.jpg")
        let decoder = try JPEGDecoder()
        // Before the second segment, where encoders of some cameras leave rubbish.
        let second = 4 + Int(jpeg[4]) << 8 + Int(jpeg[5])
        let padded = Array(jpeg[..<second] + [1, 2, 3] + jpeg[second...])
        #expect(try decoder.decode(padded, path: "padded.jpg") == decoder.decode(jpeg, path: ""))
        let cut = Array(padded.dropLast(100))
        #expect(
            errorDescription { _ = try decoder.decode(cut, path: "cut.jpg") }
                == "cut.jpg: the JPEG is truncated (no end-of-image marker); copy it again from the data set's archive")
        let trailing = jpeg + [UInt8](repeating: 0, count: 40)
        #expect(try decoder.decode(trailing, path: "trailing.jpg") == decoder.decode(jpeg, path: ""))
    }

    @Test func damagedCodesAreAnError() throws {
        var jpeg = try bytes("color-444.jpg")
        for index in 700..<900 { jpeg[index] = 0xFE }
        let message = errorDescription { _ = try JPEGDecoder().decode(jpeg, path: "damaged.jpg") }
        #expect(message.hasPrefix("damaged.jpg: the JPEG is corrupt (Corrupt JPEG data: "), "\(message)")
    }

    @Test func garbageNeverCrashes() throws {
        let decoder = try JPEGDecoder()
        var generator = SystemRandomNumberGenerator()
        for name in ["exif-6.jpg", "cmyk.jpg", "progressive.jpg"] {
            let jpeg = try bytes(name)
            for _ in 0..<300 {
                var damaged = jpeg
                for _ in 0..<8 {
                    damaged[Int.random(in: 3..<jpeg.count, using: &generator)] = .random(in: 0...255, using: &generator)
                }
                _ = try? decoder.decode(damaged, path: "garbage")
            }
        }
        // Every byte of the Exif structure, set to extremes, still gives an image of one shape or the other.
        let exif = try bytes("exif-6.jpg")
        let start = try #require(exif.indices.first { exif[$0...].starts(with: "Exif".utf8) })
        for index in start..<start + 40 {
            for value: UInt8 in [0, 0x7F, 0x80, 0xFF] {
                var damaged = exif
                damaged[index] = value
                let size = try decoder.decode(damaged, path: "exif").size
                #expect(Set([size.width, size.height]) == [24, 16])
            }
        }
    }

    @Test func hugeDimensionsAreRefusedBeforeMemoryIsTaken() throws {
        var jpeg = try bytes("grey.jpg")
        let frame = try #require(jpeg.indices.dropLast().first { jpeg[$0] == 0xFF && jpeg[$0 + 1] == 0xC0 })
        jpeg.replaceSubrange(frame + 5..<frame + 9, with: [0xFF, 0xDC, 0xFF, 0xDC])
        #expect(
            errorDescription { _ = try JPEGDecoder().decode(jpeg, path: "huge.jpg") }
                == "huge.jpg: an image of 65500×65500 is above the limit of 268435456 pixels; scale it down")
    }

    @Test(arguments: [
        (
            [0x89, 0x50, 0x4E, 0x47, 13, 10] as [UInt8],
            "it looks like a PNG image; convert it to JPEG or fetch it again"
        ),
        (Array("GIF89a".utf8), "it looks like a GIF image; convert it to JPEG or fetch it again"),
        (
            Array("\n<!DOCTYPE html><html>".utf8),
            "it looks like a web page (HTML); convert it to JPEG or fetch it again"
        ),
        (Array("RIFF....WEBPVP8 ".utf8), "it looks like a WebP image; convert it to JPEG or fetch it again"),
        ([0, 1, 2, 0xFE], "it does not start with the bytes FF D8 FF; fetch it again"),
    ]) func otherFilesAreNamed(content: [UInt8], advice: String) throws {
        let folder = try TemporaryFolder()
        let path = try folder.write(content, to: "x.jpg")
        #expect(
            errorDescription { _ = try JPEGDecoder().decode(contentsOf: path) } == "\(path): not a JPEG: \(advice)")
    }

    @Test func emptyAndMissingFilesAreNamed() throws {
        let folder = try TemporaryFolder()
        let empty = try folder.write("", to: "empty.jpg")
        let decoder = try JPEGDecoder()
        #expect(
            errorDescription { _ = try decoder.decode(contentsOf: empty) }
                == "\(empty): the file is empty; copy it again from the data set's archive")
        #expect(
            errorDescription { _ = try decoder.decode(contentsOf: "/nowhere/a.jpg") }
                == "/nowhere/a.jpg: cannot read the image: No such file or directory")
        #expect(
            errorDescription { _ = try decoder.decode(contentsOf: folder.path) }
                == "\(folder.path): cannot read the image: not a regular file")
    }

    @Test func encodedImagesComeBack() throws {
        let image = RGBImage(width: 40, height: 30, pixels: (0..<3600).map { UInt8($0 % 3 * 60 + $0 / 120) })
        let jpeg = try JPEGEncoder().encode(image, quality: 95)
        #expect(try jpeg == JPEGEncoder().encode(image, quality: 95))
        let decoded = try JPEGDecoder().decode(jpeg, path: "own.jpg")
        let worst = zip(image.pixels, decoded.pixels).map { abs(Int($0) - Int($1)) }.max() ?? 0
        #expect(worst <= 6, "differs by \(worst)")
    }
}
