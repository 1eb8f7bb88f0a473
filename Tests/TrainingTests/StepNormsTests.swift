import Foundation
import Models
import Tensors
import Testing
import Training

extension TrainingRuns {
    @Suite struct StepNormsTests {
        /// Three steps.
        private func train(
            ranks: Int, _ change: (inout TrainingConfiguration) -> Void,
            afterStep: @escaping @Sendable (StepRecord, ResNet) -> Void = { _, _ in }
        ) throws -> Trial {
            let trial = Trial(.small(change), on: try TrainingFixture.longDataset(), ranks: ranks) {
                observer, record, model in
                afterStep(record, model)
                guard record.step == 3 else { return }
                observer.snapshots.append(ModelSnapshot(model))
                throw Stopped()
            }
            #expect(trial.failure is Stopped)
            return trial
        }

        /// √Σ x² over the parameters of some layers; `tensor` has the arena's places.
        private static func norm(
            _ model: ResNet, _ tensor: Tensor, of isCounted: (String) -> Bool = { _ in true }
        ) -> Double {
            tensor.withUnsafeBufferPointer { values in
                model.parameters.indices.filter { isCounted(model.parameters[$0].name) }.reduce(0) { sum, index in
                    values[model.arena.range(of: index)].reduce(sum) { $0 + Double($1) * Double($1) }
                }
            }.squareRoot()
        }

        enum Way: CaseIterable {
            case plain, smallBuckets, afterBackward, clipped, accumulated, frozen

            func apply(to configuration: inout TrainingConfiguration) {
                switch self {
                case .plain: break
                case .smallBuckets: configuration.bucketMebibytes = 1
                case .afterBackward: configuration.overlap = false
                case .clipped: configuration.clipNorm = 0.01
                case .accumulated: configuration.accumulate = 2
                case .frozen: configuration.freeze = ValueList(["layer1", "conv1"])
                }
            }
        }

        /// What a step leaves in the model are the gradients that were summed over ranks and batches, before clipping.
        @Test(arguments: Way.allCases, [1, 2]) func areThoseOfTheModelAndItsGradients(way: Way, ranks: Int) throws {
            var configuration = TrainingConfiguration.small { $0.logEvery = 1 }
            way.apply(to: &configuration)
            let frozen = FrozenLayers(configuration.freeze.values)
            let trial = try train(ranks: ranks) {
                $0 = configuration
            } afterStep: { record, model in
                guard let norms = record.norms else { return }
                let weights = Self.norm(model, model.arena.values)
                let gradients = Self.norm(model, model.arena.gradients) { !frozen.contains($0) }
                #expect(weights > 1 && gradients > 1e-3)
                #expect(abs(norms.weights - weights) <= 1e-9 * weights)
                #expect(abs(norms.gradients - gradients) <= 1e-9 * gradients)
            }
            for observer in trial.observers {
                #expect(observer.steps.count { $0.norms != nil } == (observer.rank == 0 ? 3 : 0))
            }
        }

        @Test func areMeasuredOnLoggedStepsAndChangeNoBit() throws {
            func change(_ logEvery: Int) -> (inout TrainingConfiguration) -> Void {
                {
                    $0.clipNorm = 1
                    $0.bucketMebibytes = 1
                    $0.logEvery = logEvery
                }
            }
            let (each, second, none) = (
                try train(ranks: 2, change(1)), try train(ranks: 2, change(2)), try train(ranks: 2, change(1000))
            )
            #expect(second.observers[0].steps.map { $0.norms != nil } == [false, true, false])
            #expect(second.observers[0].steps[1].norms == each.observers[0].steps[1].norms)
            #expect(none.observers[0].steps.allSatisfy { $0.norms == nil })
            #expect(each.losses == none.losses)
            #expect(each.observers[0].snapshots == none.observers[0].snapshots)
        }
    }
}
