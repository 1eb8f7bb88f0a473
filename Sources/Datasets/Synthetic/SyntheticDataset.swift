import Foundation
import Tensors

/// A small procedural data set for fine-grained classification: birds that share a body and differ in local marks
/// (beak, crown, wing bars, breast spots, eye ring), with pose, scale, background, lighting and noise as nuisances.
///
/// The same value writes the same images, bit for bit, on one machine and library version.
public struct SyntheticDataset: Sendable, Hashable {
    /// Species that are drawn.
    public let classes: Int
    /// At least 1.
    public let trainImagesPerClass: Int
    /// Possibly none.
    public let testImagesPerClass: Int
    /// The images' mean side in pixels; each side varies by a quarter.
    public let imageSize: Int
    /// Of everything that is drawn.
    public let seed: UInt64

    /// The greatest number of classes.
    public static let maximumClasses = BirdSpecies.count

    /// - Precondition: 1 to `maximumClasses` classes, at least one training image a class, and at least 32 pixels.
    public init(
        classes: Int = 10, trainImagesPerClass: Int = 40, testImagesPerClass: Int = 20, imageSize: Int = 208,
        seed: UInt64 = 0
    ) {
        precondition((1...Self.maximumClasses).contains(classes), "\(classes) classes, of \(Self.maximumClasses)")
        precondition(trainImagesPerClass > 0 && testImagesPerClass >= 0, "no training images")
        precondition((32...4096).contains(imageSize), "images of \(imageSize) pixels; at least 32, at most 4096")
        self.classes = classes
        self.trainImagesPerClass = trainImagesPerClass
        self.testImagesPerClass = testImagesPerClass
        self.imageSize = imageSize
        self.seed = seed
    }

    /// Writes the data set in the layout of a real one, which `DatasetFormat.read` reads.
    ///
    /// - Parameters:
    ///   - folder: made if necessary; must be empty.
    ///   - layout: whose files to write.
    ///   - progress: called after each image with the number written and the number of all.
    /// - Throws: `DatasetError.notSynthesized`, `.folderNotEmpty`, `.unwritable`; `ImageError.codec`.
    public func write(
        to folder: String, layout: DatasetFormat = .cub,
        progress: (_ written: Int, _ of: Int) -> Void = { _, _ in }
    ) throws {
        guard let layoutWriter = layout.reader.layoutWriter else { throw DatasetError.notSynthesized(layout) }
        try makeFolder(folder)
        var generator = RandomGenerator(seed, 0)
        let species = BirdSpecies.choose(classes, using: &generator)
        let encoder = try JPEGEncoder()
        let perClass = trainImagesPerClass + testImagesPerClass
        var writer = layoutWriter.init()
        for (label, bird) in species.enumerated() {
            for position in 0..<perClass {
                let id = label * perClass + position + 1
                var generator = RandomGenerator(seed, UInt64(id))
                let size = ImageSize(width: side(using: &generator), height: side(using: &generator))
                let painting = BirdPainter.paint(bird, size: size, using: &generator)
                let image = painting.image.addingRows(layoutWriter.creditRows)
                let path = writer.add(
                    SyntheticImage(
                        id: id, species: bird, label: label, position: position,
                        isTraining: position < trainImagesPerClass, size: image.size, box: painting.box))
                try write(encoder.encode(image), to: "\(folder)/\(path)")
                progress(id, classes * perClass)
            }
        }
        for (name, content) in writer.files {
            switch content {
            case .text(let text): try write(Array(text.utf8), to: "\(folder)/\(name)")
            case .matlab(let variables):
                try make(folder: ("\(folder)/\(name)" as NSString).deletingLastPathComponent)
                try MATWriter.write(variables, to: "\(folder)/\(name)")
            }
        }
    }

    private func side(using generator: inout RandomGenerator) -> Int {
        Int((Double(imageSize) * generator.uniform(0.75, 1.25)).rounded())
    }

    // MARK: Files

    private func makeFolder(_ folder: String) throws {
        if FileManager.default.fileExists(atPath: folder) {
            let contents: [String]
            do {
                contents = try FileManager.default.contentsOfDirectory(atPath: folder)
            } catch {
                throw DatasetError.unwritable(path: folder, reason: "not a folder, or not readable")
            }
            guard contents.isEmpty else { throw DatasetError.folderNotEmpty(path: folder) }
        }
        try make(folder: folder)
    }

    private func make(folder: String) throws {
        do {
            try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
        } catch {
            throw DatasetError.unwritable(path: folder, reason: systemReason(of: error))
        }
    }

    /// Writes a file, making its folder.
    private func write(_ bytes: [UInt8], to path: String) throws {
        try make(folder: (path as NSString).deletingLastPathComponent)
        do {
            try Data(bytes).write(to: URL(filePath: path))
        } catch {
            throw DatasetError.unwritable(path: path, reason: systemReason(of: error))
        }
    }
}

extension RGBImage {
    /// The image above rows of white, as credits are printed on.
    fileprivate func addingRows(_ rows: Int) -> RGBImage {
        rows == 0
            ? self
            : RGBImage(
                width: width, height: height + rows, pixels: pixels + [UInt8](repeating: 255, count: 3 * width * rows))
    }
}
