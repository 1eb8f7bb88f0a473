import Datasets
import Foundation
import Tensors
import Testing

/// Copies of a few fixture images, so that tests can damage them.
private struct Images {
    let folder: TemporaryFolder
    let samples: [ImageSample]

    init(count: Int = 23) throws {
        let folder = try TemporaryFolder()
        let kinds = ["color-420", "grey", "cmyk", "exif-6", "progressive"]
        samples = try (0..<count).map { index in
            let name = "\(index).jpg"
            let path = try folder.write(try bytes("\(kinds[index % kinds.count]).jpg"), to: name)
            return ImageSample(path: path, relativePath: name, label: index % 7, officialID: index + 1)
        }
        self.folder = folder
    }

    func loader(
        _ plans: [BatchPlan], threads: Int = 2, depth: Int = 2, skipping: Bool = false,
        transform: any ImageTransform = TrainingTransform(imageSize: 12)
    ) throws -> BatchLoader {
        try BatchLoader(
            samples: samples, plans: plans, transform: transform, seed: 9, threads: threads, depth: depth,
            skippingUnreadable: skipping)
    }
}

private struct Content: Equatable {
    let plan: BatchPlan
    let elements: [Float]
    let labels: [Int32]
    let indices: [Int]
}

private func contents(of loader: BatchLoader) throws -> [Content] {
    var contents: [Content] = []
    while let batch = try loader.next() {
        #expect(batch.images.shape.batch == batch.count && batch.labels.count == batch.count)
        contents.append(
            Content(
                plan: batch.plan, elements: batch.images.elements, labels: batch.labels, indices: batch.indices))
    }
    return contents
}

@Suite struct BatchLoaderTests {
    private let images: Images
    private let order: EpochOrder

    init() throws {
        images = try Images()
        order = EpochOrder(count: 23, batchSize: 5, seed: 9, dropsLast: false)
    }

    private var twoEpochs: [BatchPlan] {
        order.plans(epoch: 0, rank: 0, of: 1) + order.plans(epoch: 1, rank: 0, of: 1)
    }

    @Test(arguments: [1, 4], [1, 3]) func batchesDoNotDependOnThreadsOrDepth(threads: Int, depth: Int) throws {
        let reference = try contents(of: images.loader(twoEpochs, threads: 1, depth: 10))
        #expect(reference.map(\.plan) == twoEpochs)
        #expect(reference.map(\.indices) == twoEpochs.map(\.indices))
        #expect(reference.map(\.labels) == twoEpochs.map { $0.indices.map { Int32($0 % 7) } })
        #expect(try contents(of: images.loader(twoEpochs, threads: threads, depth: depth)) == reference)
    }

    @Test func batchesHoldWhatDecodingAndTransformingGives() throws {
        let batch = try #require(try images.loader(order.plans(epoch: 1, rank: 0, of: 1)).next())
        let expected = Tensor([5, 3, 12, 12])
        for (row, index) in batch.indices.enumerated() {
            var generator = RandomGenerator(9, 1, UInt64(index))
            let image = TrainingTransform(imageSize: 12).apply(
                to: try JPEGDecoder().decode(contentsOf: images.samples[index].path), box: nil, using: &generator)
            PixelNormalization.imageNet.write(image, to: expected, at: row)
        }
        #expect(batch.images.elements == expected.elements)
    }

    @Test(arguments: [2, 3, 7]) func ranksTogetherLoadWhatOneRankLoads(ranks: Int) throws {
        let whole = try contents(of: images.loader(order.plans(epoch: 1, rank: 0, of: 1)))
        let parts = try (0..<ranks).map { rank in
            try contents(of: images.loader(order.plans(epoch: 1, rank: rank, of: ranks)))
        }
        for (number, batch) in whole.enumerated() {
            #expect(parts.flatMap { $0[number].elements } == batch.elements)
            #expect(parts.flatMap { $0[number].labels } == batch.labels)
        }
    }

    @Test func loadingResumesInTheMiddleOfAnEpoch() throws {
        let whole = try contents(of: images.loader(twoEpochs))
        let rest = order.plans(epoch: 0, from: 3, rank: 0, of: 1) + order.plans(epoch: 1, rank: 0, of: 1)
        #expect(try contents(of: images.loader(rest)) == Array(whole[3...]))
    }

    @Test func epochsCutTheSameImageDifferently() throws {
        let plans = (0..<2).map { BatchPlan(epoch: $0, number: 0, indices: [4]) }
        let batches = try contents(of: images.loader(plans))
        #expect(batches[0].elements != batches[1].elements)
    }

    @Test func emptySlicesGiveEmptyBatches() throws {
        let plans = [[], [1, 2], [], []].enumerated().map { BatchPlan(epoch: 0, number: $0, indices: $1) }
        let loader = try images.loader(plans)
        let shapes = try (0..<4).map { _ in try #require(try loader.next()).images.shape }
        #expect(shapes == [[0, 3, 12, 12], [2, 3, 12, 12], [0, 3, 12, 12], [0, 3, 12, 12]])
        #expect(try loader.next() == nil)
        #expect(try contents(of: images.loader([])).isEmpty)
    }

    @Test func corruptImageIsThrownAtItsBatch() throws {
        let jpeg = try bytes("color-420.jpg")
        let path = try images.folder.write(jpeg.dropLast(200), to: "10.jpg")
        let plans = (0..<4).map { BatchPlan(epoch: 0, number: $0, indices: Array($0 * 5..<$0 * 5 + 5)) }
        let loader = try images.loader(plans, depth: 4)
        #expect(try loader.next()?.count == 5)
        #expect(try loader.next()?.count == 5)
        let message =
            "\(path): the JPEG is truncated (Premature end of JPEG file); copy it again from the data set's archive"
        for _ in 0..<2 { #expect(errorDescription { _ = try loader.next() } == message) }
    }

    @Test func unreadableImagesAreSkippedAndCountedOnRequest() throws {
        let plans = (0..<3).map { BatchPlan(epoch: 0, number: $0, indices: Array($0 * 5..<$0 * 5 + 5)) }
        let whole = try contents(of: images.loader(plans))
        let truncated = try images.folder.write(try bytes("color-420.jpg").dropLast(200), to: "5.jpg")
        let text = try images.folder.write("not an image", to: "7.jpg")
        for index in 10..<15 { try FileManager.default.removeItem(atPath: images.samples[index].path) }

        let loader = try images.loader(plans, threads: 3, skipping: true)
        #expect(try loader.next()?.images.elements == whole[0].elements)
        let second = try #require(try loader.next())
        #expect(second.indices == [6, 8, 9] && second.labels == [6, 1, 2])
        #expect(second.skipped.map(\.path) == [truncated, text] && second.skipped.map(\.index) == [5, 7])
        #expect(second.images.shape == [3, 3, 12, 12])
        let imageSize = 3 * 12 * 12
        let expected = [1, 3, 4].flatMap { whole[1].elements[$0 * imageSize..<($0 + 1) * imageSize] }
        #expect(second.images.elements == expected)
        let third = try #require(try loader.next())
        #expect(third.count == 0 && third.images.shape == [0, 3, 12, 12] && third.skipped.count == 5)
        #expect(try loader.next() == nil)
        #expect(loader.skippedCount == 7)
    }

    @Test func nativeBatchesHaveTheImagesSize() throws {
        let sizes = try EvaluationOrder.sizes(of: images.samples, in: 0..<23, for: NativeTransform())
        let plans = EvaluationOrder.plans(sizes: sizes, batchSize: 4, rank: 0, of: 1)
        let loader = try images.loader(plans, transform: NativeTransform())
        var seen: [Int] = []
        while let batch = try loader.next() {
            let first = try JPEGDecoder().decode(contentsOf: images.samples[batch.indices[0]].path)
            let expected = Tensor([1, 3, first.height, first.width])
            PixelNormalization.imageNet.write(first, to: expected, at: 0)
            #expect(Array(batch.images.elements.prefix(expected.shape.elementCount)) == expected.elements)
            seen += batch.indices
        }
        #expect(seen.sorted() == Array(0..<23))
    }

    @Test func unequalSizesAreAnErrorEvenWhenSkipping() throws {
        let loader = try images.loader(
            [BatchPlan(epoch: 0, number: 0, indices: [0, 2])], threads: 1, skipping: true,
            transform: NativeTransform())
        #expect(
            errorDescription { _ = try loader.next() }
                == "\(images.samples[2].path): the image is 24×16, others of its batch are 45×31; use a transform to"
                + " one size or batches of equal sizes")
    }

    @Test func cancellationEndsLoadingPromptly() throws {
        let plans = (0..<1000).map { BatchPlan(epoch: $0, number: 0, indices: Array(0..<23)) }
        let loader = try images.loader(plans, threads: 4, depth: 1000)
        #expect(try loader.next()?.count == 23)
        let start = ContinuousClock.now
        loader.cancel()
        #expect(try loader.next() == nil)
        #expect(ContinuousClock.now - start < .seconds(2))
        // An abandoned loader must not hang its owner either.
        _ = try images.loader(plans, threads: 4, depth: 1000)
        #expect(ContinuousClock.now - start < .seconds(4))
    }

    @Test func buffersAreReused() throws {
        let pool = StoragePool()
        let plans = (0..<50).map { BatchPlan(epoch: $0, number: 0, indices: Array(0..<8)) }
        let loader = try BatchLoader(
            samples: images.samples, plans: plans, transform: EvaluationTransform(imageSize: 32), seed: 1, depth: 2,
            pool: pool)
        var count = 0
        while try loader.next() != nil { count += 1 }
        #expect(count == 50)
        // The consumer's batch, two ahead, and one that may be made before the consumer's goes back.
        #expect(pool.statistics.systemAllocations <= 4)
    }

    @Test func waitingTimeIsCounted() throws {
        let loader = try images.loader(twoEpochs, threads: 1, depth: 1)
        let start = ContinuousClock.now
        while try loader.next() != nil {}
        let elapsed = (ContinuousClock.now - start) / .seconds(1)
        #expect(loader.waitSeconds > 0 && loader.waitSeconds <= elapsed)
    }

    @Test func decodingThreadsYieldToTheTrainer() throws {
        let own = getpriority(__priority_which_t(PRIO_PROCESS.rawValue), 0)
        let plans = (0..<10).map { BatchPlan(epoch: $0, number: 0, indices: [0]) }
        let loader = try images.loader(plans, threads: 1, depth: 1)
        #expect(try loader.next() != nil)
        // The 19th field is the nice value; the second, in parentheses, may hold spaces.
        let niceValues = try FileManager.default.contentsOfDirectory(atPath: "/proc/self/task").compactMap { task in
            (try? String(contentsOfFile: "/proc/self/task/\(task)/stat", encoding: .utf8))?
                .split(separator: ")").last?.split(separator: " ")[16]
        }
        #expect(niceValues.contains("\(min(19, max(own, 10)))"))
        #expect(getpriority(__priority_which_t(PRIO_PROCESS.rawValue), 0) == own)
        loader.cancel()
    }
}
