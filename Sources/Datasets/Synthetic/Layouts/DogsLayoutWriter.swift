/// Stanford Dogs' layout, which `DogsDataset` reads.
struct DogsLayoutWriter: LayoutWriter {
    private var lists: [DatasetSplit: (files: [String], labels: [Double])] = [.train: ([], []), .test: ([], [])]
    private var annotations: [(name: String, content: AnnotationContent)] = []

    mutating func add(_ image: SyntheticImage) -> String {
        // Real ones are numbers of WordNet.
        let synset = "n\(padded(image.label + 1, digits: 8))"
        let name = "\(synset)-\(image.species.name)/\(synset)_\(image.position + 1)"
        let split: DatasetSplit = image.isTraining ? .train : .test
        lists[split]?.files.append(name)
        lists[split]?.labels.append(Double(image.label + 1))
        annotations.append(("Annotation/\(name)", .text(Self.annotation(of: image, synset: synset))))
        return "Images/\(name).jpg"
    }

    var files: [(name: String, content: AnnotationContent)] {
        annotations
            + lists.sorted { $0.key.rawValue < $1.key.rawValue }.map { split, list in
                let variables: [(name: String, array: MATArray)] = [
                    ("file_list", .cells(list.files.map { .text("\($0).jpg") }, isColumn: true)),
                    ("annotation_list", .cells(list.files.map { .text($0) }, isColumn: true)),
                    ("labels", .numbers(list.labels)),
                ]
                return ("\(split.rawValue)_list.mat", .matlab(variables))
            }
    }

    private static func annotation(of image: SyntheticImage, synset: String) -> String {
        let (box, size) = (image.box, image.size)
        return """
            <annotation>
            \t<folder>\(synset.dropFirst())</folder>
            \t<filename>\(synset)_\(image.position + 1)</filename>
            \t<size>
            \t\t<width>\(size.width)</width>
            \t\t<height>\(size.height)</height>
            \t\t<depth>3</depth>
            \t</size>
            \t<object>
            \t\t<name>\(image.species.name)</name>
            \t\t<bndbox>
            \t\t\t<xmin>\(Int(box.x))</xmin>
            \t\t\t<ymin>\(Int(box.y))</ymin>
            \t\t\t<xmax>\(Int(box.x + box.width))</xmax>
            \t\t\t<ymax>\(Int(box.y + box.height))</ymax>
            \t\t</bndbox>
            \t</object>
            </annotation>

            """
    }
}
