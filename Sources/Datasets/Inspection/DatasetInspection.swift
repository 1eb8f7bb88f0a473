import Foundation

/// What a look at every image of a data set found.
public struct DatasetInspection: Codable, Hashable, Sendable {
    /// What a split has.
    public struct Split: Codable, Hashable, Sendable {
        /// Which split.
        public let name: DatasetSplit
        /// Their number.
        public let images: Int
        /// Whether the folder tells their classes.
        public let isLabelled: Bool
        /// Of the class with the fewest images and the one with the most.
        public let fewestOfAClass, mostOfAClass: Int?
    }

    /// Over all readable images.
    public struct Range: Codable, Hashable, Sendable {
        /// In pixels.
        public let minimum, median, maximum: Int
    }

    /// An image that cannot be decoded.
    public struct Unreadable: Codable, Hashable, Sendable {
        /// Which file, and what the decoder says of it.
        public let path, reason: String
    }

    /// The data set's.
    public let name: String
    /// Their names.
    public let classes: [String]
    /// Those that the folder has.
    public let splits: [Split]
    /// Different files; splits may share some.
    public let images: Int
    /// Nil if no image is readable.
    public let widths, heights: Range?
    /// Images of each format.
    public let formats: [String: Int]
    /// Listed images that are not in the folder.
    public let missing: [String]
    /// Images that cannot be decoded.
    public let unreadable: [Unreadable]
    /// Groups of files of the same content.
    public let duplicates: [[String]]
    /// Groups among them with files of different classes or of different splits.
    public let conflictingDuplicates: [[String]]
    /// Files whose names end as those of another format.
    public let lyingNames: [String]
    /// Images whose box reaches beyond them.
    public let boxesOutside: [String]
    /// The data set's.
    public let warnings: [String]

    /// Whether a run would meet an image that it cannot read.
    public var isSound: Bool { missing.isEmpty && unreadable.isEmpty }

    /// Reads and decodes every image once.
    ///
    /// - Parameters:
    ///   - dataset: read without checking that the images are there.
    ///   - threads: at least 1.
    ///   - progress: is told how many of all images have been looked at.
    /// - Throws: `ThreadError`, `ImageError.codec`.
    public init(
        _ dataset: ImageDataset, threads: Int, progress: (_ done: Int, _ of: Int) -> Void = { _, _ in }
    ) throws {
        var samples: [ImageSample] = []
        var splitsOfPath: [String: Set<DatasetSplit>] = [:]
        // Of a file in several splits, as in trainval, the smaller split counts.
        for split in [DatasetSplit.train, .val, .test, .trainval] {
            for sample in dataset.splits[split] ?? [] {
                if split != .trainval || splitsOfPath[sample.path] == nil {
                    splitsOfPath[sample.path, default: []].insert(split)
                }
                if splitsOfPath[sample.path]?.count == 1, splitsOfPath[sample.path]?.first == split {
                    samples.append(sample)
                }
            }
            for sample in dataset.unlabelled[split]?.samples ?? [] where splitsOfPath[sample.path] == nil {
                splitsOfPath[sample.path] = [split]
                samples.append(sample)
            }
        }
        let found = try Self.look(at: samples, threads: threads, progress)

        name = dataset.name
        classes = dataset.classNames
        warnings = dataset.warnings
        splits = DatasetSplit.allCases.compactMap { Split($0, of: dataset) }
        images = samples.count
        widths = Range(found.compactMap { $0.size?.width })
        heights = Range(found.compactMap { $0.size?.height })
        formats = found.reduce(into: [:]) { formats, image in
            if case .readable(_, let format, _, _) = image.state { formats[format.rawValue, default: 0] += 1 }
        }
        missing = found.compactMap { if case .missing = $0.state { $0.sample.path } else { nil } }
        unreadable = found.compactMap {
            if case .unreadable(let reason) = $0.state { Unreadable(path: $0.sample.path, reason: reason) } else { nil }
        }
        let groups = Self.duplicates(among: found)
        duplicates = groups.map { $0.map(\.path) }
        conflictingDuplicates = groups.filter { group in
            Set(group.map(\.label)).count > 1 || Set(group.compactMap { splitsOfPath[$0.path] }).count > 1
        }.map { $0.map(\.path) }
        lyingNames = found.filter(\.hasLyingName).map(\.sample.path)
        boxesOutside = found.filter(\.isBoxOutside).map(\.sample.path)
    }

    private static func look(
        at samples: [ImageSample], threads: Int, _ progress: (_ done: Int, _ of: Int) -> Void
    ) throws -> [InspectedImage] {
        let results = InspectionResults(count: samples.count)
        let workers = try (0..<max(1, threads)).map { thread in
            let reader = try ImageReader()
            return try WorkerThread(to: "inspect images") { [reader = ReaderOfOneThread(reader)] in
                for index in stride(from: thread, to: samples.count, by: threads) {
                    results.set(InspectedImage(samples[index], reader: reader.reader), at: index)
                }
            }
        }
        results.follow { progress($0, samples.count) }
        for worker in workers { worker.join() }
        return results.all
    }

    /// Groups of files that are equal byte for byte. Only files with equal hashes are read again.
    private static func duplicates(among found: [InspectedImage]) -> [[ImageSample]] {
        struct Key: Hashable {
            let hash: UInt64
            let byteCount: Int
        }
        var candidates: [Key: [ImageSample]] = [:]
        for image in found {
            if case .readable(_, _, let hash, let byteCount) = image.state {
                candidates[Key(hash: hash, byteCount: byteCount), default: []].append(image.sample)
            }
        }
        let groups = candidates.values.filter { $0.count > 1 }.flatMap { candidates in
            Dictionary(grouping: candidates) { (try? readFile($0.path)) ?? [] }.values.filter { $0.count > 1 }
        }
        return groups.sorted { $0[0].path < $1[0].path }
    }
}

extension DatasetInspection.Split {
    fileprivate init?(_ split: DatasetSplit, of dataset: ImageDataset) {
        name = split
        if let samples = dataset.splits[split] {
            var counts = [Int](repeating: 0, count: dataset.classNames.count)
            for sample in samples { counts[sample.label] += 1 }
            images = samples.count
            isLabelled = true
            (fewestOfAClass, mostOfAClass) = (counts.min(), counts.max())
        } else if let images = dataset.unlabelled[split] {
            self.images = images.count
            isLabelled = false
            (fewestOfAClass, mostOfAClass) = (nil, nil)
        } else {
            return nil
        }
    }
}

extension DatasetInspection.Range {
    /// The median of an even number of values is the lower of the middle two.
    fileprivate init?(_ values: [Int]) {
        let sorted = values.sorted()
        guard let first = sorted.first, let last = sorted.last else { return nil }
        (minimum, median, maximum) = (first, sorted[(sorted.count - 1) / 2], last)
    }
}

/// Filled by threads that each write elements of their own.
private final class InspectionResults: @unchecked Sendable {
    private let condition = NSCondition()
    private let total: Int
    // Guarded by the condition's lock.
    private var images: [InspectedImage?]
    private var done = 0

    init(count: Int) {
        total = count
        images = Array(repeating: nil, count: count)
    }

    func set(_ image: InspectedImage, at index: Int) {
        condition.withLock {
            images[index] = image
            done += 1
            condition.signal()
        }
    }

    /// Tells how many are filled until all are.
    func follow(_ progress: (_ done: Int) -> Void) {
        var seen = 0
        while seen < total {
            seen = condition.withLock {
                while done == seen { condition.wait() }
                return done
            }
            progress(seen)
        }
    }

    var all: [InspectedImage] { condition.withLock { images.compactMap { $0 } } }
}

/// Hands a reader over to the one thread that uses it.
private struct ReaderOfOneThread: @unchecked Sendable {
    let reader: ImageReader

    init(_ reader: ImageReader) {
        self.reader = reader
    }
}
