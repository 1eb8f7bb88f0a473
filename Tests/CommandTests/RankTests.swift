import Foundation
import Testing

extension Command {
    /// What a run computes does not depend on the number of ranks.
    @Suite struct Ranks {
        private func train(ranks: Int, into folder: String, _ options: [String]) throws -> Metrics {
            try AAM.succeed(AAM.training(into: folder, options), ranks: ranks)
            return try Metrics(folder)
        }

        /// Each global batch of 7 is cut unevenly. Sums in another order round differently, and a network with few
        /// samples a channel amplifies that from step to step: measured were 1e-6 in step 2, 1e-3 in step 4, 6e-2 in
        /// step 10. Gradients divided by a wrong number would show as some percent from step 3 on.
        @Test func lossesAreTheSameForOneTwoAndThreeRanks() throws {
            let folder = try TemporaryFolder()
            let options = [
                "--image-size=64", "--batch-size=7", "--epochs=3", "--learning-rate=0.0005", "--sync-batchnorm",
            ]
            let runs = try (1...3).map { try train(ranks: $0, into: folder("\($0)"), options) }
            for run in runs[1...] {
                #expect(run.steps.map(\.learningRate) == runs[0].steps.map(\.learningRate))
                for (step, expected) in zip(run.steps, runs[0].steps).prefix(10) {
                    let tolerance =
                        switch step.step {
                        case 1...2: 1e-5
                        case 3...4: 5e-3
                        default: 2e-1
                        }
                    let difference = abs(step.loss - expected.loss) / expected.loss
                    #expect(difference <= tolerance, "step \(step.step): \(step.loss), not \(expected.loss)")
                }
                #expect(run.validations.map(\.images) == [20, 20, 20])
                #expect(run.validations[0].top1 == runs[0].validations[0].top1)
                #expect(abs(run.validations[0].loss - runs[0].validations[0].loss) < 1e-3)
            }
        }

        @Test func batchSizePerRankIsAPartOfTheGlobalOne() throws {
            let folder = try TemporaryFolder()
            let global = try train(ranks: 2, into: folder("global"), ["--batch-size=8", "--epochs=1"])
            let arguments = AAM.training(into: folder("local"), ["--batch-size-per-rank=4", "--epochs=1"])
            try AAM.succeed(arguments.filter { $0 != "--batch-size=8" }, ranks: 2)
            #expect(try Metrics(folder("local")).losses == global.losses)
            #expect(try configuration(of: folder("local"))["batch-size"] == "8")
            try expectSameCheckpoint("\(folder("local"))/latest", "\(folder("global"))/latest")
        }

        @Test func aloneIsTheSameAsOneRank() throws {
            let folder = try TemporaryFolder()
            let metrics = try train(ranks: 1, into: folder("run"), [])
            #expect(try metrics.losses == Metrics(Birds.run).losses)
            try expectSameCheckpoint("\(folder("run"))/latest", "\(Birds.run)/latest")
        }
    }
}
