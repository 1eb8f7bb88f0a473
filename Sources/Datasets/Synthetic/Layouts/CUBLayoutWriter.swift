/// CUB-200-2011's layout, which `CUBDataset` reads.
struct CUBLayoutWriter: LayoutWriter {
    private var images = ""
    private var labels = ""
    private var splits = ""
    private var classes = ""
    private var boxes = ""

    mutating func add(_ image: SyntheticImage) -> String {
        let name = image.species.name
        let folder = "\(padded(image.label + 1, digits: 3)).\(name)"
        let path = "\(folder)/\(name)_\(padded(image.position + 1, digits: 3)).jpg"
        if image.position == 0 { classes += "\(image.label + 1) \(folder)\n" }
        images += "\(image.id) \(path)\n"
        labels += "\(image.id) \(image.label + 1)\n"
        splits += "\(image.id) \(image.isTraining ? 1 : 0)\n"
        boxes += "\(image.id) \(image.box.x) \(image.box.y) \(image.box.width) \(image.box.height)\n"
        return "images/\(path)"
    }

    var files: [(name: String, content: AnnotationContent)] {
        [
            ("images.txt", images), ("image_class_labels.txt", labels), ("train_test_split.txt", splits),
            ("classes.txt", classes), ("bounding_boxes.txt", boxes),
        ].map { ($0, .text($1)) }
    }
}
