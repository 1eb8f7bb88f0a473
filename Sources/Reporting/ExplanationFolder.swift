import Datasets
import Explaining
import Foundation

/// A folder of explanations of images:
///
/// - `NNNN-NAME/`, one an image: `input.png`, what the model saw; `gradcam.png` and `MODULE.png`, overlays on it
/// - `contact-sheet.png`, all of them
/// - `channels.csv`: the most weighted channels, one row a channel, module and image
/// - `explanations.json`: classes, files, maps' ranges and channels
///
/// The files of an image are written as it is added, the others at the end.
public struct ExplanationFolder {
    /// Images on the contact sheet; more would make a picture that viewers refuse.
    public static let sheetLimit = 48

    private let path: String
    private let classNames: [String]
    private var sheet: ContactSheet
    private var channels = CSV.row(["image", "module", "rank", "channel", "weight"])
    private var entries: [Entry] = []

    /// Makes the folder where needed.
    /// - Parameter title: of the contact sheet.
    /// - Throws: `ReportError`.
    public init(path: String, title: String, classNames: [String]) throws {
        self.path = path
        self.classNames = classNames
        sheet = ContactSheet(
            title: title, legend: "Grad-CAM from 0 to 1, attention maps from their least to their greatest weight")
        try Self.makeFolder(path)
        try TextFile.checkWritable("\(path)/channels.csv")
    }

    /// Writes the pictures of an image.
    /// - Parameters:
    ///   - name: the image's file, as the user named it.
    ///   - image: as the model saw it.
    /// - Throws: `ReportError`.
    public mutating func add(_ explanation: Explanation, of name: String, _ image: RGBImage) throws {
        let stem = URL(filePath: name).deletingPathExtension().lastPathComponent
        let folder = String(format: "%04d-", entries.count + 1) + stem
        try Self.makeFolder("\(path)/\(folder)")
        try write(image, to: "\(folder)/input.png")
        let overlays = explanation.overlays(on: image)
        for overlay in overlays { try write(overlay.picture, to: "\(folder)/\(overlay.name).png") }
        for module in explanation.modules {
            for (rank, channel) in module.channels.enumerated() {
                channels += CSV.row([
                    name, module.name, String(rank + 1), String(channel.channel),
                    String(format: "%.6f", channel.weight),
                ])
            }
        }
        if entries.count < Self.sheetLimit {
            let cells = [ContactSheet.Cell(image, captions: ["input", size(of: image)])] + overlays.map(Self.cell)
            sheet.add(ContactSheet.Row(title: title(explanation), subtitle: name, cells: cells))
        }
        entries.append(Entry(explanation, of: name, folder: folder, overlays, classNames: classNames))
    }

    /// Writes what is of all images.
    /// - Throws: `ReportError`.
    public func finish() throws {
        try TextFile.replace("\(path)/channels.csv", with: channels)
        try replaceJSON("\(path)/explanations.json", with: entries)
        try write(sheet.image, to: "contact-sheet.png")
    }

    private func title(_ explanation: Explanation) -> String {
        let predicted = explanation.ranking[0]
        var title = "\(classNames[predicted]), " + percent(explanation.probabilities[predicted])
        if explanation.explainedClass != predicted {
            let probability = percent(explanation.probabilities[explanation.explainedClass])
            title += "; Grad-CAM of \(classNames[explanation.explainedClass]), \(probability)"
        }
        return title
    }

    private func percent(_ probability: Double) -> String { String(format: "%.1f %%", 100 * probability) }

    private func size(of image: RGBImage) -> String { "\(image.width) x \(image.height)" }

    private static func cell(_ overlay: Explanation.Overlay) -> ContactSheet.Cell {
        let name =
            overlay.name.hasSuffix(".attention") ? String(overlay.name.dropLast(".attention".count)) : overlay.name
        let range = String(format: "%.3g to %.3g", overlay.range.lowerBound, overlay.range.upperBound)
        return ContactSheet.Cell(
            overlay.picture, captions: overlay.name == "gradcam" ? ["Grad-CAM", "0 to 1"] : [name, range])
    }

    private func write(_ image: RGBImage, to name: String) throws {
        let file = "\(path)/\(name)"
        do {
            try Data(PNGEncoder.encode(image)).write(to: URL(filePath: file), options: .atomic)
        } catch {
            throw ReportError.unwritable(path: file, reason: error.localizedDescription)
        }
    }

    private static func makeFolder(_ path: String) throws {
        do {
            try FileManager.default.createDirectory(atPath: path, withIntermediateDirectories: true)
        } catch {
            throw ReportError.unwritable(path: path, reason: error.localizedDescription)
        }
    }
}

/// An image in `explanations.json`.
private struct Entry: Encodable {
    struct Class: Encodable {
        let index: Int
        let name: String
        let probability: Double
    }

    struct Channel: Encodable {
        let channel: Int
        let weight: Float
    }

    struct Module: Encodable {
        let name: String
        /// Of the map over positions.
        let minimum, maximum: Float?
        let overlay: String?
        let channels: [Channel]
    }

    let image: String
    let input, gradcam: String
    /// The most probable ones.
    let classes: [Class]
    /// Whose evidence Grad-CAM shows.
    let explained: Class
    let modules: [Module]

    init(
        _ explanation: Explanation, of name: String, folder: String, _ overlays: [Explanation.Overlay],
        classNames: [String]
    ) {
        func described(_ index: Int) -> Class {
            Class(index: index, name: classNames[index], probability: explanation.probabilities[index])
        }
        image = name
        input = "\(folder)/input.png"
        gradcam = "\(folder)/gradcam.png"
        classes = explanation.ranking.prefix(5).map(described)
        explained = described(explanation.explainedClass)
        modules = explanation.modules.map { module in
            Module(
                name: module.name, minimum: module.position?.range.lowerBound,
                maximum: module.position?.range.upperBound,
                overlay: module.position.map { _ in "\(folder)/\(module.name).png" },
                channels: module.channels.map { Channel(channel: $0.channel, weight: $0.weight) })
        }
    }
}
