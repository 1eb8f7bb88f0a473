import ArgumentParser
import Datasets
import Foundation
import Reporting

struct Inspect: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "inspect",
        abstract: "Look at every image of a data set: classes, counts, sizes, damaged and missing files, duplicates.",
        discussion: """
            Ends with exit code 1 if images are missing or cannot be read, 0 otherwise.

              aam inspect --data CUB_200_2011
              aam inspect --dataset cars --data stanford_cars --json cars.json
            """)

    @OptionGroup var source: DatasetArguments
    @Option(help: "The data set's folder.", completion: .directory) var data: String
    @Flag(help: "Fail if an image has no bounding box, which --crop-boxes of aam train needs.") var cropBoxes = false
    @Option(help: "Threads to decode with.") var threads = ProcessInfo.processInfo.activeProcessorCount
    @Option(help: "Write everything that was found as JSON.", completion: .file()) var json: String?

    func validate() throws {
        try require(threads > 0, "threads", "at least 1", threads)
    }

    func run() throws {
        let dataset = try source.read(folder: data, requiringBoxes: cropBoxes, checkingImages: false)
        let (console, start) = (Console(), ContinuousClock.now)
        let inspection = try DatasetInspection(dataset, threads: threads) { done, total in
            let seconds = (ContinuousClock.now - start) / .seconds(1)
            console.show(ProgressLine.images(phase: "inspect", done, of: total, seconds))
        }
        console.clear()
        if let json { try replaceJSON(json, with: inspection) }
        for line in inspection.lines { printLine(line) }
        if !inspection.isSound { throw ExitCode.failure }
    }
}

extension DatasetInspection {
    /// Files that are listed of each kind of finding.
    private static let most = 20

    fileprivate var lines: [String] {
        var lines = ["\(name): \(classes.count) classes, \(images) images"]
        lines += splits.map { split in
            let counts =
                if let fewest = split.fewestOfAClass, let most = split.mostOfAClass {
                    ", \(fewest) to \(most) a class"
                } else { ", without labels" }
            return "  \(split.name.rawValue): \(split.images) images\(counts)"
        }
        if let widths, let heights {
            lines.append("  width: \(widths.description), height: \(heights.description) (minimum, median, maximum)")
            let counts = formats.sorted { $0.key < $1.key }.map { "\($0.value) \($0.key)" }
            lines.append("  formats: \(counts.joined(separator: ", "))")
        }
        lines += Self.list("classes", classes)
        lines += warnings.map { "warning: \($0)" }
        lines += Self.list("missing", missing)
        lines += Self.list("unreadable", unreadable.map(\.reason))
        lines += Self.list("images in several places, with other labels or in other splits", conflictingDuplicates)
        lines += Self.list("images in several places", duplicates.filter { !conflictingDuplicates.contains($0) })
        lines += Self.list("files that are of another format than their names say", lyingNames)
        lines += Self.list("bounding boxes that reach beyond their images", boxesOutside)
        if isSound { lines.append("all images are readable") }
        return lines
    }

    private static func list(_ title: String, _ groups: [[String]]) -> [String] {
        list(title, groups.map { $0.joined(separator: " = ") })
    }

    private static func list(_ title: String, _ entries: [String]) -> [String] {
        guard !entries.isEmpty else { return [] }
        let rest = entries.count > most ? ["  and \(entries.count - most) more (--json lists all)"] : []
        return ["\(title): \(entries.count)"] + entries.prefix(most).map { "  \($0)" } + rest
    }
}

extension DatasetInspection.Range {
    fileprivate var description: String { "\(minimum), \(median), \(maximum)" }
}
