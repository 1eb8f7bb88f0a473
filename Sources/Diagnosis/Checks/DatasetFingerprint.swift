import Datasets
import Foundation
import Training

/// What must be the same of a data set on all hosts, in a few numbers. The images' contents are not read, but their sizes.
public struct DatasetFingerprint: Codable, Hashable, Sendable {
    public let name: String
    public let classes: Int
    /// Listed images, of all splits: one that is in several counts as often.
    public let images: Int
    /// Of their files, each as often as it is listed.
    public let bytes: Int
    /// A checksum of the classes' names and of the images' splits, names and labels, in their order.
    public let lists: String
    /// A checksum of the files' sizes, in the same order.
    public let sizes: String

    /// - Parameter sizes: of the files of `samples(of: dataset)`; nil where there is no file.
    init(of dataset: ImageDataset, sizes: [Int?]) {
        var hash = XXHash64()
        func add(_ text: String) { hash.update(Array(text.utf8) + [0]) }
        for name in dataset.classNames { add(name) }
        var images = 0
        for split in DatasetSplit.allCases {
            guard let samples = dataset.splits[split] ?? dataset.unlabelled[split]?.samples else { continue }
            add(split.rawValue)
            for sample in samples { add("\(sample.label) \(sample.relativePath)") }
            images += samples.count
        }
        name = dataset.name
        classes = dataset.classNames.count
        self.images = images
        bytes = sizes.reduce(0) { $0 + ($1 ?? 0) }
        lists = hexadecimal(hash.finish())
        self.sizes = hexadecimal(XXHash64.hash(Array(sizes.map { "\($0 ?? -1)" }.joined(separator: " ").utf8)))
    }

    /// The images of all splits, in a fixed order.
    static func samples(of dataset: ImageDataset) -> [ImageSample] {
        DatasetSplit.allCases.flatMap { dataset.splits[$0] ?? dataset.unlabelled[$0]?.samples ?? [] }
    }

    /// Bytes of the image's file; nil if there is none.
    static func size(of sample: ImageSample) -> Int? {
        var status = stat()
        return stat(sample.path, &status) == 0 ? Int(status.st_size) : nil
    }
}
