import Collectives
import Datasets
import Foundation
import Models
import Testing
import Training

extension TrainingRuns {
    /// The ranks' copies of the model stay one model.
    @Suite struct ReplicaTests {
        /// Changes one bit of the middle of a parameter's significand.
        private static func flipBit(_ model: ResNet) {
            model.arena.values.withUnsafeMutableBufferPointer { values in
                values[1000] = Float(bitPattern: values[1000].bitPattern ^ 1 << 12)
            }
        }

        private func expectDivergence(_ trial: Trial, of what: String, rank: Int) throws {
            let failure = try #require(trial.failure as? DivergenceFailure)
            #expect(failure.rank == rank)
            let hexadecimal = "[0-9a-f]{16}"
            let expected = try Regex(
                "^\(what) should be the same on all ranks, but rank 0 \\(in-memory\\) has checksum \(hexadecimal) and "
                    + "rank \(rank) \\(in-memory\\) has \(hexadecimal)$")
            #expect(failure.description.contains(expected), "\(failure.description)")
        }

        @Test func aBitThatDiffersAtTheStartIsFound() throws {
            let trial = Trial(
                .small(), on: try TrainingFixture.dataset(), ranks: 3,
                beforeRun: { rank, model in if rank == 1 { Self.flipBit(model) } })
            try expectDivergence(trial, of: "the parameters at the start", rank: 1)
            #expect(trial.losses == [])
        }

        @Test func aBitThatFlipsInAnEpochIsFoundAfterIt() throws {
            let folder = CheckpointFixture()
            let trial = Trial(
                .small(output: folder.directory), on: try TrainingFixture.dataset(), ranks: 2,
                afterStep: { observer, record, model in
                    if observer.rank == 1, record.step == 2 { Self.flipBit(model) }
                })
            try expectDivergence(trial, of: "the parameters after epoch 1", rank: 1)
            #expect(trial.losses.count == 3)
            // Nothing was saved that the ranks do not agree on.
            #expect(try folder.store().steps() == [])
        }

        @Test func runningStatisticsBecomeTheMeanOverTheRanks() throws {
            let folder = CheckpointFixture()
            let trial = Trial(
                .small(output: folder.directory), on: try TrainingFixture.dataset(), ranks: 3,
                afterStep: { observer, record, model in
                    if record.step == 3 { observer.snapshots = [ModelSnapshot(model)] }
                })
            let ends = try trial.ends.get()
            let local = trial.observers.map { $0.snapshots[0].norms }
            let saved = try Checkpoint.load(folder.store().path(ofStep: 3)).model
            for (index, norm) in ends[0].model.norms.enumerated() {
                func mean(_ values: (ModelSnapshot.Norm) -> [Float]) -> [Float] {
                    values(norm).indices.map { channel in
                        Float(local.reduce(0) { $0 + Double(values($1[index])[channel]) } / 3)
                    }
                }
                #expect(local[0][index].mean != local[1][index].mean, "\(norm.name) saw the same slices")
                #expect(norm.mean == mean(\.mean), "\(norm.name)")
                #expect(norm.variance == mean(\.variance), "\(norm.name)")
                #expect(norm.batchesTracked == 3)
                #expect(try saved.float32("\(norm.name).running_mean").values == norm.mean)
                #expect(try saved.float32("\(norm.name).running_var").values == norm.variance)
            }
            for end in ends { #expect(end.model == ends[0].model) }
        }
    }
}
