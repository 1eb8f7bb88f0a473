/// The text of CUB's annotation files, built up row by row.
struct CUBAnnotations {
    private var images = ""
    private var labels = ""
    private var splits = ""
    private var classes = ""
    private var boxes = ""

    mutating func addClass(id: Int, name: String) {
        classes += "\(id) \(name)\n"
    }

    mutating func addImage(id: Int, path: String, classID: Int, isTraining: Bool, box: BoundingBox) {
        images += "\(id) \(path)\n"
        labels += "\(id) \(classID)\n"
        splits += "\(id) \(isTraining ? 1 : 0)\n"
        boxes += "\(id) \(box.x) \(box.y) \(box.width) \(box.height)\n"
    }

    var files: [(name: String, text: String)] {
        [
            ("images.txt", images), ("image_class_labels.txt", labels), ("train_test_split.txt", splits),
            ("classes.txt", classes), ("bounding_boxes.txt", boxes),
        ]
    }
}
