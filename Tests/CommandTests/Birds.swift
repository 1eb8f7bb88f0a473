import Foundation
import TestSupport
import Testing

/// The small data set that `aam synthesize` makes once for all tests.
enum Birds {
    static let classCount = 4
    static let trainCount = 32
    static let testCount = 20

    static let folder: String = shared("birds") { path in
        try AAM.succeed([
            "synthesize", "--output=\(path)", "--classes=\(classCount)", "--train-images=8", "--test-images=5",
            "--image-size=48",
        ])
    }

    /// A run that was trained once for all tests that only read it: 8 steps, 2 epochs.
    static let run: String = shared("run") { path in try AAM.succeed(AAM.training(into: path)) }

    /// A copy that a test may spoil.
    static func copy(into folder: TemporaryFolder) throws -> String {
        let path = folder("birds")
        try FileManager.default.copyItem(atPath: Self.folder, toPath: path)
        return path
    }

    /// The rows of an annotation file: ids and what follows them.
    static func rows(_ file: String, of folder: String = folder) throws -> [(id: Int, value: String)] {
        try text(of: "\(folder)/\(file)").split(separator: "\n").map { line in
            let parts = line.split(separator: " ", maxSplits: 1)
            return (Int(parts[0]) ?? -1, String(parts[1]))
        }
    }

    /// Path and class name of each image of a split, in the list's order.
    static func images(isTraining: Bool, of folder: String = folder) throws -> [(path: String, label: String)] {
        func values(_ file: String) throws -> [Int: String] {
            Dictionary(uniqueKeysWithValues: try rows(file, of: folder).map { ($0.id, $0.value) })
        }
        let (splits, labels) = (try values("train_test_split.txt"), try values("image_class_labels.txt"))
        let classes = try values("classes.txt")
        return try rows("images.txt", of: folder).filter { splits[$0.id] == (isTraining ? "1" : "0") }.map { row in
            (row.value, labels[row.id].flatMap(Int.init).flatMap { classes[$0] } ?? "")
        }
    }

    /// What a test run makes once, and removes at its end.
    static func shared(_ name: String, _ make: (String) throws -> Void) -> String {
        let path = "\(sharedFolder)/\(name)"
        do {
            try FileManager.default.createDirectory(atPath: sharedFolder, withIntermediateDirectories: true)
            try make(path)
        } catch { preconditionFailure("\(error)") }
        return path
    }

    private static let sharedFolder: String = {
        atexit { try? FileManager.default.removeItem(atPath: Birds.sharedFolder) }
        return FileManager.default.temporaryDirectory.appending(path: "aam-command-\(UUID().uuidString)").path
    }()
}
