import Collectives
import Datasets
import Foundation
import Models
import Safetensors
import Testing
import Training

extension TrainingRuns {
    /// Accumulation, moving average, frozen layers, early stop and mixing in whole runs.
    @Suite struct OptionTests {
        /// Names of all batch norms of a ResNet-18, which frozen make a model without batch statistics.
        private static let norms =
            ["bn1"]
            + (1...4).flatMap { layer in
                (0...1).flatMap { ["layer\(layer).\($0).bn1", "layer\(layer).\($0).bn2"] }
                    + (layer > 1 ? ["layer\(layer).0.downsample.1"] : [])
            }

        private func firstSteps(
            ranks: Int = 1, _ change: (inout TrainingConfiguration) -> Void
        ) throws -> (losses: [Double], images: [Int], parameters: [Float]) {
            let trial = Trial(.small(change), on: try TrainingFixture.longDataset(), ranks: ranks) {
                observer, record, model in
                guard record.step == 2 else { return }
                observer.snapshots.append(ModelSnapshot(model))
                throw Stopped()
            }
            #expect(trial.failure is Stopped)
            let observer = trial.observers[0]
            return (trial.losses, observer.steps.map(\.images), try #require(observer.snapshots.first).parameters)
        }

        private func relativeDifference(_ a: [Float], _ b: [Float]) -> Double {
            let difference = zip(a, b).reduce(0) { $0 + Double($1.0 - $1.1) * Double($1.0 - $1.1) }
            return (difference / b.reduce(0) { $0 + Double($1) * Double($1) }).squareRoot()
        }

        /// Without batch statistics it is the larger batch in all respects; with them the images are the same.
        @Test func accumulatedBatchesAreOneBatchOfTheirSize() throws {
            func run(_ size: Int, _ parts: Int, frozen: Bool) throws -> ([Double], [Int], [Float]) {
                try firstSteps {
                    $0.batchSize = size
                    $0.accumulate = parts
                    $0.attention = .none
                    $0.learningRate = 1e-3
                    $0.freeze = ValueList(frozen ? Self.norms : [])
                }
            }
            let (whole, parts) = (try run(12, 1, frozen: true), try run(4, 3, frozen: true))
            #expect(parts.1 == [12, 12])
            #expect(greatestRelativeDifference(parts.0, whole.0) <= 1e-4)
            #expect(relativeDifference(parts.2, whole.2) <= 1e-5)
            let (other, otherParts) = (try run(12, 1, frozen: false), try run(4, 3, frozen: false))
            #expect(greatestRelativeDifference(otherParts.0, other.0) > 1e-4)
        }

        /// All that is random or summed, at once.
        private func everything(_ configuration: inout TrainingConfiguration) {
            configuration.syncBatchnorm = true
            configuration.accumulate = 2
            configuration.clipNorm = 1
            configuration.ema = 0.5
            configuration.normDecay = false
            configuration.schedule = .cosine
            configuration.warmupEpochs = 0.5
            configuration.brightness = 0.3
            configuration.hue = 0.1
            configuration.erase = 0.5
            configuration.mixup = 0.4
            configuration.cutmix = 1
        }

        @Test func numberOfRanksChangesOnlyRounding() throws {
            let alone = try firstSteps { everything(&$0) }
            for ranks in [2, 3] {
                let other = try firstSteps(ranks: ranks) { everything(&$0) }
                #expect(abs(other.losses[0] - alone.losses[0]) <= 2e-6 * alone.losses[0])
                #expect(other.images == alone.images)
                #expect(relativeDifference(other.parameters, alone.parameters) <= 1e-3)
            }
        }

        /// Nine steps in three epochs. The checkpoint of step 5 is one within the second epoch, after a validation.
        /// Images are not mixed where a loss needs images of one class.
        @Test(
            arguments: [
                (1, .crossEntropy), (2, .crossEntropy), (3, .crossEntropy), (1, .center), (2, .center), (3, .cc),
            ] as [(Int, TrainingConfiguration.Loss)])
        func resumedWithinAnEpochBitForBit(ranks: Int, loss: TrainingConfiguration.Loss) throws {
            let dataset = try TrainingFixture.dataset()
            let (whole, parts) = (CheckpointFixture(), CheckpointFixture())
            func configuration(_ folder: CheckpointFixture) -> TrainingConfiguration {
                .small(output: folder.directory) {
                    everything(&$0)
                    $0.syncBatchnorm = false
                    $0.loss = loss
                    $0.mu = 0.1
                    if loss != .crossEntropy { ($0.mixup, $0.cutmix) = (0, 0) }
                    $0.labelSmoothing = 0.1
                    $0.nesterov = true
                    $0.freeze = ValueList(["conv1", "bn1", "layer1"])
                    $0.epochs = 3
                    $0.patience = 3
                    $0.batchSize = 4
                    $0.checkpointEvery = 5
                }
            }
            let unbroken = Trial(configuration(whole), on: dataset, ranks: ranks)
            let ends = try unbroken.ends.get()
            #expect(unbroken.losses.count == 9)
            let stopped = Trial(configuration(parts), on: dataset, ranks: ranks) { _, record, _ in
                if record.step == 6 { throw Stopped() }
            }
            #expect(stopped.failure is Stopped)
            #expect(stopped.losses == Array(unbroken.losses.prefix(6)))
            let middle = try Checkpoint.load(parts.store().path(ofStep: 5)).state
            #expect((middle.epoch, middle.batchInEpoch, middle.bestEpoch, middle.bestStep) == (1, 2, 1, 3))

            let resumed = Trial(configuration(parts), on: dataset, ranks: ranks, resume: .auto)
            #expect(resumed.observers[0].starts == [5])
            let resumedEnds = try resumed.ends.get()
            #expect(resumedEnds.map(\.model) == ends.map(\.model))
            #expect(resumedEnds.map(\.summary.bestStep) == ends.map(\.summary.bestStep))
            #expect(resumedEnds.map(\.summary.bestTop1) == ends.map(\.summary.bestTop1))
            #expect(resumed.losses == Array(unbroken.losses.suffix(4)))
            let (validations, expected) = (
                resumed.observers[0].validations, unbroken.observers[0].validations.suffix(2)
            )
            #expect(validations.map(\.result.lossSum) == expected.map(\.result.lossSum))
            #expect(validations.map(\.average?.lossSum) == expected.map(\.average?.lossSum))
            #expect(validations.map(\.isBest) == expected.map(\.isBest))

            try parts.expectSameTensors(as: whole, step: 9)
            let last = try Checkpoint.load(whole.store().path(ofStep: 9))
            #expect(try #require(last.average).tensors != last.model.tensors)
            #expect(last.optimizer.names.contains { !$0.hasPrefix("momentum.") } == (loss == .center))
            var states = (last.state, try Checkpoint.load(parts.store().path(ofStep: 9)).state)
            states.0.configuration["output"] = nil
            states.1.configuration["output"] = nil
            #expect(states.0 == states.1)
        }

        @Test func theAverageFollowsItsFormulaAndIsValidated() throws {
            let folder = CheckpointFixture()
            let decay = 0.75
            let trial = Trial(
                .small(output: folder.directory) { $0.ema = decay }, on: try TrainingFixture.dataset(),
                afterStep: { observer, _, model in observer.snapshots.append(ModelSnapshot(model)) })
            let end = try trial.ends.get()[0]
            let snapshots = trial.observers[0].snapshots
            #expect(snapshots.count == 3)
            // The run itself goes on from its own weights.
            #expect(end.model.parameters == snapshots[2].parameters)
            func average(_ values: (ModelSnapshot) -> Float) -> Double {
                snapshots.dropFirst().reduce(Double(values(snapshots[0]))) {
                    decay * $0 + (1 - decay) * Double(values($1))
                }
            }
            let checkpoint = try Checkpoint.load(folder.store().path(ofStep: 3))
            let saved = try #require(checkpoint.average)
            #expect(saved.names == checkpoint.model.names)
            #expect(saved.metadata == checkpoint.model.metadata)
            // The head's bias is at the arena's start but for the weight.
            let bias = try saved.float32("fc.bias").values
            for (index, value) in bias.enumerated() {
                #expect(abs(Double(value) - average { $0.parameters[index] }) <= 1e-7)
            }
            let mean = try saved.float32("bn1.running_mean").values
            for (index, value) in mean.enumerated() {
                #expect(abs(Double(value) - average { $0.norms[0].mean[index] }) <= 1e-6)
            }
            #expect(try saved.int64("bn1.num_batches_tracked").values == [3])
            let validation = trial.observers[0].validations[0]
            let ofAverage = try #require(validation.average)
            #expect(ofAverage.count == 9)
            #expect(ofAverage.lossSum != validation.result.lossSum)
        }

        @Test func frozenLayersStayAsTheyAre() throws {
            let folder = CheckpointFixture()
            final class Start: @unchecked Sendable { var model: ModelSnapshot? }
            let start = Start()
            let trial = Trial(
                .small(output: folder.directory) { $0.freeze = ValueList(["conv1", "bn1", "layer1", "layer2.0.bn1"]) },
                on: try TrainingFixture.dataset(),
                beforeRun: { _, model in start.model = ModelSnapshot(model) })
            let end = try trial.ends.get()[0].model
            let norms = try #require(start.model).norms
            let frozen = FrozenLayers(["conv1", "bn1", "layer1", "layer2.0.bn1"])
            for (before, after) in zip(norms, end.norms) {
                #expect((before == after) == frozen.contains(before.name), "\(before.name)")
            }
            let checkpoint = try Checkpoint.load(folder.store().path(ofStep: 3))
            var counts = (frozen: 0, moved: 0)
            for tensor in checkpoint.optimizer.tensors {
                let name = String(tensor.name.dropFirst("momentum.".count))
                let isStill = try checkpoint.optimizer.float32(tensor.name).values.allSatisfy { $0 == 0 }
                if frozen.contains(name) {
                    counts.frozen += 1
                } else if !name.contains("attention") {
                    counts.moved += 1
                }
                if frozen.contains(name) || !name.contains("attention") {
                    #expect(isStill == frozen.contains(name), "\(name)")
                }
            }
            #expect(counts.frozen > 10 && counts.moved > 30)
            #expect(!frozen.contains("layer10.conv1.weight") && !frozen.contains("layer2.0.bn2.weight"))
        }

        @Test func layersThatCannotBeFrozenAreNamed() throws {
            let dataset = try TrainingFixture.dataset()
            let unknown = Trial(.small { $0.freeze = ValueList(["layer9"]) }, on: dataset)
            #expect(
                unknown.failure as? TrainingError
                    == .unknownLayer("layer9", layers: ["conv1", "bn1", "layer1", "layer2", "layer3", "layer4", "fc"]))
            let all = Trial(
                .small { $0.freeze = ValueList(["conv1", "bn1", "layer1", "layer2", "layer3", "layer4", "fc"]) },
                on: dataset)
            #expect(all.failure as? TrainingError == .everythingFrozen)
        }

        /// So small a rate moves no prediction.
        private func standstill(_ folder: CheckpointFixture) -> TrainingConfiguration {
            .small(output: folder.directory) {
                $0.epochs = 9
                $0.learningRate = 1e-12
                $0.endLearningRate = 0
                $0.freeze = ValueList(Self.norms)
                $0.attention = .none
                $0.patience = 2
            }
        }

        /// The best epoch is the first, and the third the last.
        @Test func patienceCountsOnFromWithinAnEpoch() throws {
            let folder = CheckpointFixture()
            var configuration = standstill(folder)
            configuration.checkpointEvery = 8
            let stopped = Trial(configuration, on: try TrainingFixture.dataset()) { _, record, _ in
                if record.step == 9 { throw Stopped() }
            }
            #expect(stopped.failure is Stopped)
            let resumed = Trial(configuration, on: try TrainingFixture.dataset(), resume: .auto)
            #expect(resumed.observers[0].starts == [8])
            let summary = try resumed.ends.get()[0].summary
            #expect((summary.steps, summary.bestStep) == (9, 3))
            #expect(resumed.observers[0].notes.last == "stopped early: no better validation in 2 epochs")
        }

        @Test func aRunThatDoesNotImproveStopsEarlyAndSaysSoWhenItIsResumed() throws {
            let folder = CheckpointFixture()
            let configuration = standstill(folder)
            let trial = Trial(configuration, on: try TrainingFixture.dataset())
            let summary = try trial.ends.get()[0].summary
            #expect((summary.steps, summary.bestStep) == (9, 3))
            #expect(trial.observers[0].notes.last == "stopped early: no better validation in 2 epochs")
            let again = Trial(configuration, on: try TrainingFixture.dataset(), resume: .auto)
            let path = folder.store().path(ofStep: 9)
            let failure = try #require(again.failure as? RankFailure)
            #expect(failure.message == TrainingError.stoppedAlready(path: path, patience: 2).description)
            var longer = configuration
            longer.patience = 3
            let resumed = Trial(longer, on: try TrainingFixture.dataset(), resume: .auto)
            #expect(try resumed.ends.get()[0].summary.steps == 12)
        }
    }
}
