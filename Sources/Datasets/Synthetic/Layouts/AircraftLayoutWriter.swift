/// FGVC-Aircraft's layout, which `AircraftDataset` reads: a species is a variant, its form and wing bars are the family,
/// its form the manufacturer. Of a class's training images every second is in `val`.
struct AircraftLayoutWriter: LayoutWriter {
    static let creditRows = AircraftDataset.creditRows

    private var lists: [AircraftLevel: [DatasetSplit: String]] = [:]
    private var classes: [AircraftLevel: [String]] = [:]
    private var boxes = ""

    mutating func add(_ image: SyntheticImage) -> String {
        let id = padded(image.id, digits: 7)
        let splits: [DatasetSplit] =
            image.isTraining ? [.trainval, image.position % 2 == 0 ? .train : .val] : [.test]
        for level in AircraftLevel.allCases {
            let name = Self.name(of: image.species, at: level)
            if classes[level, default: []].contains(name) == false { classes[level, default: []].append(name) }
            for split in splits { lists[level, default: [:]][split, default: ""] += "\(id) \(name)\n" }
        }
        boxes += "\(id) \(image.corners.map { String(Int($0)) }.joined(separator: " "))\n"
        return "images/\(id).jpg"
    }

    var files: [(name: String, content: AnnotationContent)] {
        var files: [(name: String, content: AnnotationContent)] = [("images_box.txt", .text(boxes))]
        for level in AircraftLevel.allCases {
            files.append((level.classesFile, .text(classes[level, default: []].map { "\($0)\n" }.joined())))
            for split in DatasetSplit.allCases {
                files.append(
                    (AircraftDataset.list(of: split, level: level), .text(lists[level]?[split] ?? "")))
            }
        }
        return files
    }

    private static func name(of species: BirdSpecies, at level: AircraftLevel) -> String {
        switch level {
        case .variant: species.name.replacing("_", with: " ")
        case .family: "\(species.wings) \(species.form)".replacing("_", with: " ")
        case .manufacturer: species.form
        }
    }
}
