import Collectives
import Foundation
import Kernels
import Models
import Tensors
import Testing
import Training

extension TrainingRuns {
    /// How gradients are cut, and which thread sums them, does not show in the result.
    @Suite struct GradientReducerTests {
        /// Losses of three steps, and the model after them, the same on all ranks.
        private func train(
            ranks: Int, _ change: (inout TrainingConfiguration) -> Void
        ) throws -> (losses: [Double], model: ModelSnapshot) {
            let trial = Trial(.small(change), on: try TrainingFixture.longDataset(), ranks: ranks) {
                observer, record, model in
                guard record.step == 3 else { return }
                observer.snapshots.append(ModelSnapshot(model))
                throw Stopped()
            }
            #expect(trial.failure is Stopped)
            #expect(trial.losses.count == 3)
            let models = trial.observers.compactMap(\.snapshots.first)
            #expect(models.count == ranks)
            for model in models { #expect(model.parameters == models[0].parameters) }
            return (trial.losses, models[0])
        }

        /// With synchronised batch norm the training threads communicate too, while buckets are summed.
        @Test(arguments: [(1, false), (2, false), (2, true), (3, true)])
        func overlapAndBucketsChangeNoBit(ranks: Int, syncBatchnorm: Bool) throws {
            // The arena of ResNet-18 has 43 MiB: one bucket, or 43, of which the last is not full.
            let whole = try train(ranks: ranks) {
                $0.syncBatchnorm = syncBatchnorm
                $0.overlap = false
                $0.bucketMebibytes = 1000
            }
            for (overlap, bucket) in [(false, 1), (true, 1), (true, 1000)] {
                let other = try train(ranks: ranks) {
                    $0.syncBatchnorm = syncBatchnorm
                    $0.overlap = overlap
                    $0.bucketMebibytes = bucket
                }
                #expect(other.losses == whole.losses, "overlap \(overlap), buckets of \(bucket) MiB")
                #expect(other.model == whole.model, "overlap \(overlap), buckets of \(bucket) MiB")
            }
        }

        private func makeModel() -> ResNet {
            var generator = RandomGenerator(1)
            return ResNet(
                ModelConfiguration(architecture: .resnet18, classes: 4), input: [2, 3, 32, 32],
                backend: AcceleratedBackend(threads: 1), generator: &generator)
        }

        private func backward(_ model: ResNet, completed: (Int) -> Void) throws {
            let images = Tensor((0..<2 * 3 * 32 * 32).map { Float($0 % 23) / 8 - 1 }, shape: [2, 3, 32, 32])
            let logits = try model.forward(images, .training(nil))
            try model.backward(
                SoftmaxCrossEntropy.gradient(logits, labels: [1, 2], scale: 0.5, pool: model.backend.pool),
                completed: completed)
        }

        /// A parameter that is changed as soon as it is done with, and a gradient that is, change no other gradient.
        @Test func whatABackwardIsDoneWithIsFinalAndNotReadAgain() throws {
            let (model, spoiled) = (makeModel(), makeModel())
            try backward(model) { _ in }
            var done = 0
            var gradients = [Float](repeating: 0, count: spoiled.arena.count)
            try backward(spoiled) { prefix in
                #expect(prefix > done)
                for index in done..<prefix {
                    gradients[index] = spoiled.arena.gradients.withUnsafeBufferPointer { $0[index] }
                    spoiled.arena.values.withUnsafeMutableBufferPointer { $0[index] = .nan }
                    spoiled.arena.gradients.withUnsafeMutableBufferPointer { $0[index] = .nan }
                }
                done = prefix
            }
            #expect(done == model.arena.count)
            let expected = model.arena.gradients.withUnsafeBufferPointer { Array($0) }
            #expect(gradients == expected)
            let untouched = spoiled.arena.gradients.withUnsafeBufferPointer { $0.allSatisfy(\.isNaN) }
            #expect(untouched, "a gradient was written after it was said to be final")
        }

        private func options(overlap: Bool = true) -> CommunicationOptions {
            TrainingConfiguration.small { $0.overlap = overlap }.communication
        }

        /// The error of the reducing thread is the step's, and the thread ends.
        @Test func aRankThatIsLostFailsTheStepOfTheOthers() throws {
            let messages = Messages()
            let failure = #expect(throws: JobFailure.self) {
                try InMemoryGroup.run(ranks: 2) { communicator in
                    let model = makeModel()
                    let optimizer = SGD(model.arena, momentum: 0.9, weightDecay: 0)
                    let reducer = try GradientReducer(optimizer, on: communicator, options())
                    try reducer.step(learningRate: 0.1) { try backward(model, completed: $0) }
                    if communicator.rank == 1 { throw JobFailure("disk full") }
                    for _ in 0..<2 {
                        do {
                            try reducer.step(learningRate: 0.1) { try backward(model, completed: $0) }
                        } catch {
                            messages.add("\(error)")
                        }
                    }
                }
            }
            #expect(failure == JobFailure("disk full"))
            let expected =
                "allreduce(sum) of 1048576 float on rank 0 cannot complete, because rank 1 failed: disk full"
            #expect(messages.all == [expected, expected])
        }

        @Test func anErrorOfTheBackwardIsTheSteps() throws {
            let failure = #expect(throws: JobFailure.self) {
                try InMemoryGroup.run(ranks: 2) { communicator in
                    let model = makeModel()
                    let optimizer = SGD(model.arena, momentum: 0.9, weightDecay: 0)
                    let reducer = try GradientReducer(optimizer, on: communicator, options())
                    try reducer.step(learningRate: 0.1) { completed in
                        try backward(model, completed: completed)
                        if communicator.rank == 1 { throw JobFailure("out of memory", place: "layer 1") }
                    }
                }
            }
            #expect(failure == JobFailure("out of memory", place: "layer 1"))
        }

        @Test func aLibraryWithoutThreadsIsToldOf() throws {
            let notes = try InMemoryGroup.run(ranks: 2) { communicator in
                let optimizer = SGD(makeModel().arena, momentum: 0.9, weightDecay: 0)
                let single = OneThreadCommunicator(communicator)
                return try [true, false].map { overlap in
                    try GradientReducer(optimizer, on: single, options(overlap: overlap)).note
                }
            }
            let note =
                "this MPI library supports one thread at a time: gradients are summed after each backward, not during it"
            #expect(notes == [[note, nil], [note, nil]])
        }
    }
}

private final class Messages: @unchecked Sendable {
    private let lock = NSLock()
    private var messages: [String] = []
    func add(_ message: String) { lock.withLock { messages.append(message) } }
    var all: [String] { lock.withLock { messages } }
}

/// An in-memory communicator of a library that may not be used by several threads.
private final class OneThreadCommunicator: Communicator {
    private let base: InMemoryCommunicator
    init(_ base: InMemoryCommunicator) { self.base = base }

    var rank: Int { base.rank }
    var size: Int { base.size }
    var host: String { base.host }
    var localRank: Int { base.localRank }
    var localSize: Int { base.localSize }
    var allowsConcurrentDuplicates: Bool { false }

    func allreduce<Element: CollectiveElement>(
        _ buffer: inout MutableSpan<Element>, _ operation: ReduceOperation
    ) throws {
        try base.allreduce(&buffer, operation)
    }
    func sum(_ buffer: inout MutableSpan<Float>, wire: WireFormat) throws { try base.sum(&buffer, wire: wire) }
    func broadcast<Element: CollectiveElement>(_ buffer: inout MutableSpan<Element>, from root: Int) throws {
        try base.broadcast(&buffer, from: root)
    }
    func gather<Element: CollectiveElement>(_ values: [Element], to root: Int) throws -> [[Element]] {
        try base.gather(values, to: root)
    }
    func barrier() throws { try base.barrier() }
    func duplicate() throws -> any Communicator { preconditionFailure("a duplicate without a thread to use it") }
    func split(color: Int) throws -> any Communicator { try base.split(color: color) }
    func claimFailureReport() -> Bool { base.claimFailureReport() }
    func abort(exitCode: Int32) -> Never { base.abort(exitCode: exitCode) }
}
