/// Stanford Cars' layout with a devkit, which `CarsDataset` reads.
struct CarsLayoutWriter: LayoutWriter {
    private var classes: [MATArray] = []
    private var train: [[MATArray]] = []
    private var test: [[MATArray]] = []

    mutating func add(_ image: SyntheticImage) -> String {
        if image.position == 0 { classes.append(.text(image.species.name.replacing("_", with: " "))) }
        let name = "\(padded((image.isTraining ? train : test).count + 1, digits: 5)).jpg"
        let record = image.corners.map { MATArray.numbers([$0]) } + [.numbers([Double(image.label + 1)]), .text(name)]
        if image.isTraining { train.append(record) } else { test.append(record) }
        return image.isTraining ? "cars_train/\(name)" : "cars_test/\(name)"
    }

    var files: [(name: String, content: AnnotationContent)] {
        let fields = CarsDataset.boxFields + ["class", "fname"]
        let unlabelled = test.map { record in Array(record[..<4]) + [record[5]] }
        return [
            ("cars_meta", "class_names", MATArray.cells(classes, isColumn: false)),
            ("cars_train_annos", "annotations", .structs(fields: fields, records: train)),
            ("cars_test_annos_withlabels", "annotations", .structs(fields: fields, records: test)),
            (
                "cars_test_annos", "annotations",
                .structs(fields: CarsDataset.boxFields + ["fname"], records: unlabelled)
            ),
        ].map { file, variable, array in ("devkit/\(file).mat", .matlab([(variable, array)])) }
    }
}
