import Datasets
import Foundation
import Testing

@Suite struct PNGDecoderTests {
    static let kinds = [
        "rgb", "rgba", "grey", "grey-alpha", "grey-16", "rgb-16", "bilevel", "palette", "palette-4",
        "palette-transparent", "gamma", "interlaced",
    ]
    private let size = ImageSize(width: 19, height: 13)

    private func sample(_ path: String, creditRows: Int = 0) -> ImageSample {
        ImageSample(path: path, relativePath: path, label: 0, officialID: 1, creditRows: creditRows)
    }

    @Test(arguments: kinds) func decodesAsPillowDoes(kind: String) throws {
        let image = try ImageReader().decode(bytes("png-\(kind).png"), path: "x.png")
        #expect(image.size == size)
        #expect(try image.pixels == bytes("png-\(kind).rgb"))
    }

    @Test func whatIsEncodedIsDecodedAgain() throws {
        for image in [noise(width: 19, height: 13), noise(width: 1, height: 1), noise(width: 200, height: 3)] {
            let file = try PNGEncoder.encode(image)
            #expect(try ImageReader().decode(file, path: "x.png") == image)
            #expect(try PNGEncoder.encode(image) == file)
        }
    }

    @Test func contentDecidesWhateverTheNameSays() throws {
        let folder = try TemporaryFolder()
        let reader = try ImageReader()
        let png = try folder.write(try bytes("png-rgb.png"), to: "a.jpg")
        let jpeg = try folder.write(try bytes("color-420.jpg"), to: "b.png")
        #expect(try reader.image(of: sample(png)).pixels == bytes("png-rgb.rgb"))
        #expect(try reader.size(of: sample(png)) == size)
        #expect(try reader.image(of: sample(jpeg)).size == ImageSize(width: 45, height: 31))
        #expect(try reader.size(of: sample(jpeg)) == ImageSize(width: 45, height: 31))
    }

    @Test func creditRowsAreCutOffBelow() throws {
        let folder = try TemporaryFolder()
        let path = try folder.write(try bytes("png-rgb.png"), to: "a.png")
        let reader = try ImageReader()
        let image = try reader.image(of: sample(path, creditRows: 5))
        #expect(image.size == ImageSize(width: 19, height: 8))
        #expect(try image.pixels == Array(bytes("png-rgb.rgb").prefix(3 * 19 * 8)))
        #expect(try reader.size(of: sample(path, creditRows: 5)) == image.size)
        #expect(try reader.image(of: sample(path, creditRows: 20)).size == ImageSize(width: 19, height: 1))
    }

    @Test func truncationIsAnErrorWhereverItFalls() throws {
        let reader = try ImageReader()
        for kind in ["rgb-16", "palette-4", "interlaced"] {
            let png = try bytes("png-\(kind).png")
            // The last chunk, of 12 bytes, has no pixels.
            for length in 1..<png.count - 16 {
                #expect(throws: ImageError.self, "\(length) of \(png.count) bytes") {
                    try reader.decode(Array(png[..<length]), path: "cut.png")
                }
            }
        }
        #expect(
            errorDescription { _ = try reader.decode(Array(bytes("png-rgb.png").prefix(90)), path: "birds/cut.png") }
                == "birds/cut.png: the PNG is truncated (end of stream); copy it again from the data set's archive")
    }

    @Test func damageIsAnError() throws {
        let reader = try ImageReader()
        var png = try bytes("png-rgb-16.png")
        png[png.count / 2] ^= 0x10
        let message = errorDescription { _ = try reader.decode(png, path: "x.png") }
        #expect(message.hasPrefix("x.png: the PNG is corrupt ("), "\(message)")
    }

    @Test func hugeImagesAreRefused() throws {
        var png = try bytes("png-rgb.png")
        png.replaceSubrange(16..<24, with: [0, 1, 0, 0, 0, 1, 0, 0])
        let checksum = crc32(png[12..<29])
        png.replaceSubrange(29..<33, with: [24, 16, 8, 0].map { UInt8(truncatingIfNeeded: checksum >> $0) })
        #expect(
            errorDescription { _ = try ImageReader().decode(png, path: "huge.png") }
                == "huge.png: an image of 65536×65536 is above the limit of 268435456 pixels; scale it down")
    }

    @Test func otherFilesAreNamed() throws {
        let reader = try ImageReader()
        #expect(
            errorDescription { _ = try reader.decode(Array("GIF89a".utf8), path: "x.png") }
                == "x.png: neither JPEG nor PNG: it looks like a GIF image; convert it to JPEG or PNG or fetch it again"
        )
        #expect(
            errorDescription { _ = try reader.decode([0, 1, 2, 0xFE], path: "x.png") }
                == "x.png: neither JPEG nor PNG: its first bytes are of no known format; fetch it again")
        #expect(
            errorDescription { _ = try reader.decode([], path: "x.png") }
                == "x.png: the file is empty; copy it again from the data set's archive")
    }
}
