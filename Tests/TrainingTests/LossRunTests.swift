import Datasets
import Testing
import Training

extension TrainingRuns {
    /// Runs with CC-Loss and with centre loss.
    @Suite struct LossRunTests {
        static let losses: [TrainingConfiguration.Loss] = [.cc, .center]

        /// What `change` adds to one epoch of images of 64 pixels whose batch norm is synchronised.
        private func configuration(
            _ loss: TrainingConfiguration.Loss, _ change: (inout TrainingConfiguration) -> Void = { _ in }
        ) -> TrainingConfiguration {
            .small {
                $0.imageSize = 64
                $0.learningRate = 1e-4
                $0.syncBatchnorm = true
                $0.loss = loss
                $0.mu = 0.5
                change(&$0)
            }
        }

        private func threeSteps(_ configuration: TrainingConfiguration, ranks: Int = 1) throws -> Trial {
            Trial(configuration, on: try TrainingFixture.longDataset(), ranks: ranks) { _, record, _ in
                if record.step == 3 { throw Stopped() }
            }
        }

        /// Masks are an image's own, and centres move by the whole batch.
        @Test(arguments: losses) func ranksComputeTheLossesOfOne(_ loss: TrainingConfiguration.Loss) throws {
            let alone = try threeSteps(configuration(loss) { $0.convolution = .direct })
            let together = try threeSteps(configuration(loss) { $0.convolution = .direct }, ranks: 3)
            #expect(alone.losses.count == 3)
            #expect(greatestRelativeDifference(together.losses, alone.losses) <= 1e-5)
            let (parts, partsAlone) = (together.observers[0].steps, alone.observers[0].steps)
            #expect(greatestRelativeDifference(parts.map(\.crossEntropy), partsAlone.map(\.crossEntropy)) <= 1e-5)
            // The other part is there, and weighs what μ says.
            #expect(partsAlone.allSatisfy { $0.loss > $0.crossEntropy * 1.01 })
        }

        @Test(arguments: losses) func muWeighsTheOtherLoss(_ loss: TrainingConfiguration.Loss) throws {
            func first(_ mu: Double) throws -> (loss: Double, crossEntropy: Double) {
                let step = try #require(try threeSteps(configuration(loss) { $0.mu = mu }).observers[0].steps.first)
                return (step.loss, step.crossEntropy)
            }
            let (none, half, whole) = (try first(0), try first(0.5), try first(1))
            #expect(none.loss == none.crossEntropy && none.crossEntropy == whole.crossEntropy)
            #expect(abs((whole.loss - none.loss) - 2 * (half.loss - none.loss)) <= 1e-9 * whole.loss)
        }

        @Test func smoothedLabelsRaiseTheLossOfTheFirstStep() throws {
            let plain = try threeSteps(configuration(.crossEntropy)).losses
            let smoothed = try threeSteps(configuration(.crossEntropy) { $0.labelSmoothing = 0.2 }).losses
            #expect(plain.count == 3 && plain[0] != smoothed[0] && plain[2] != smoothed[2])
        }

        /// Centres are in the checkpoint.
        @Test(arguments: losses, [1, 2])
        func resumedRunReproducesLosses(_ loss: TrainingConfiguration.Loss, ranks: Int) throws {
            let dataset = try TrainingFixture.dataset()
            let (whole, parts) = (CheckpointFixture(), CheckpointFixture())
            func configuration(_ folder: CheckpointFixture) -> TrainingConfiguration {
                .small(output: folder.directory) {
                    $0.epochs = 2
                    $0.checkpointEvery = 2
                    $0.loss = loss
                    $0.mu = 0.1
                }
            }
            let unbroken = Trial(configuration(whole), on: dataset, ranks: ranks)
            let ends = try unbroken.ends.get()
            #expect(unbroken.losses.count == 6)
            let stopped = Trial(configuration(parts), on: dataset, ranks: ranks) { _, record, _ in
                if record.step == 3 { throw Stopped() }
            }
            #expect(stopped.failure is Stopped)
            let resumed = Trial(
                configuration(parts), on: dataset, ranks: ranks, resume: .path(parts.store().path(ofStep: 2)))
            #expect(try resumed.ends.get().map(\.model) == ends.map(\.model))
            #expect(resumed.losses == Array(unbroken.losses.suffix(4)))
            let (first, second) = (
                try Checkpoint.load(whole.store().path(ofStep: 6)), try Checkpoint.load(parts.store().path(ofStep: 6))
            )
            #expect(first.optimizer.tensors == second.optimizer.tensors)
            let centers = first.optimizer["center-loss.centers"]
            #expect((centers != nil) == (loss == .center))
            #expect(centers.map { $0.shape == [3, 512] && Set($0.float32 ?? []).count > 100 } ?? true)
        }

        @Test(arguments: losses) func mixedImagesAreRefused(_ loss: TrainingConfiguration.Loss) throws {
            let trial = try threeSteps(configuration(loss) { $0.mixup = 0.2 })
            let error = #expect(throws: (any Error).self) { try trial.ends.get() }
            #expect("\(try #require(error))".contains("--loss \(loss.rawValue) cannot be combined with --mixup"))
        }

        @Test func tooFewChannelsForTheClassesAreRefused() throws {
            let trial = Trial(configuration(.cc) { $0.eta = .fixed(171) }, on: try TrainingFixture.dataset())
            let error = try #require(trial.failure as? TrainingError)
            #expect(
                error.description
                    == "CC-Loss with --eta 171 cannot share out the last feature map's 512 channels to 3 classes")
            #expect(error.hint == "give --eta auto, or at most 170")
        }
    }
}
