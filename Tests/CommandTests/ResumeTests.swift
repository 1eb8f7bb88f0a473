import Foundation
import Testing

extension Command {
    @Suite struct Resume {
        /// 2 epochs of 8 steps.
        private let options = ["--batch-size=4", "--checkpoint-every=2"]

        @Test(arguments: aloneAndTwoRanks) func killedRunContinuesBitForBit(ranks: Int?) throws {
            let folder = try TemporaryFolder()
            let (whole, broken) = (folder("whole"), folder("broken"))
            try AAM.succeed(AAM.training(into: whole, options), ranks: ranks)

            let arguments = AAM.training(into: broken, options)
            try AAM.killAfter(step: 11, arguments, output: broken, ranks: ranks)
            let before = try Metrics(broken)
            let latest = try FileManager.default.destinationOfSymbolicLink(atPath: "\(broken)/latest")
            let step = try #require(Int(latest.dropFirst("checkpoint-".count)))
            // The checkpoint of step 10 was begun when that of step 8 was complete, and may still have been written.
            #expect(step >= 8 && step < 16, "should stand within the second epoch")

            let result = try AAM.succeed(arguments + ["--resume=auto"], ranks: ranks)
            #expect(
                result.stdout.contains(
                    "\nresumed from \(broken)/checkpoint-\(step): epoch 2, step \(step) of 16\n"), "\(result.stdout)")
            let (after, expected) = (try Metrics(broken), try Metrics(whole))
            #expect(after.steps.map(\.step) == Array(1...16))
            #expect(after.losses == expected.losses)
            #expect(after.losses.prefix(before.steps.count) == before.losses[...])
            #expect(after.steps.map(\.learningRate) == expected.steps.map(\.learningRate))
            #expect(after.validations == expected.validations)
            #expect(after.kinds == expected.kinds)
            try expectSameCheckpoint("\(broken)/checkpoint-16", "\(whole)/checkpoint-16")
            let hidden = try names(in: broken).filter { $0.contains(".partial-") }
            #expect(hidden == [], "what the kill left half written is removed")
        }

        @Test func finishedRunGoesOnWithMoreEpochsOnMoreRanks() throws {
            let folder = try TemporaryFolder()
            try AAM.succeed(AAM.training(into: folder("run"), ["--epochs=1"]))
            try AAM.succeed(AAM.training(into: folder("run"), ["--epochs=2", "--resume=auto"]), ranks: 3)
            let metrics = try Metrics(folder("run"))
            #expect(metrics.steps.map(\.step) == Array(1...8))
            #expect(metrics.validations.map(\.step) == [4, 8])
        }

        @Test func anotherRunsCheckpointStartsARunOfItsOwn() throws {
            let folder = try TemporaryFolder()
            try AAM.succeed(
                AAM.training(into: folder("run"), ["--resume=\(Birds.run)/checkpoint-4"]))
            #expect(try Metrics(folder("run")).losses == Array(Metrics(Birds.run).losses[4...]))
            try expectSameCheckpoint("\(folder("run"))/latest", "\(Birds.run)/latest")
        }

        @Test func neverStartsAnewInTheSameFolder() throws {
            let folder = try TemporaryFolder()
            try AAM.succeed(AAM.training(into: folder("run"), ["--seed=5"]))
            try AAM.succeed(AAM.training(into: folder("run"), ["--resume=never"]))
            #expect(try Metrics(folder("run")).losses == Metrics(Birds.run).losses)
        }

        @Test func damagedLatestCheckpointIsPassedOver() throws {
            let folder = try TemporaryFolder()
            let run = folder("run")
            try FileManager.default.copyItem(atPath: Birds.run, toPath: run)
            let damaged = "\(run)/checkpoint-8/model.safetensors"
            let intact = try bytes(of: damaged)
            try intact.dropLast().write(to: URL(filePath: damaged))
            let result = try AAM.succeed(AAM.training(into: run, ["--resume=auto"]))
            #expect(
                result.stdout.contains(
                    "\nwarning: \(damaged) is damaged: it has \(intact.count - 1) bytes, not \(intact.count); use the "
                        + "checkpoint before it: \(run)/checkpoint-4\nresumed from \(run)/checkpoint-4: epoch 2, step 4 of 8\n"
                ),
                "\(result.stdout)")
            #expect(try Metrics(run).losses == Metrics(Birds.run).losses)
            try expectSameCheckpoint("\(run)/checkpoint-8", "\(Birds.run)/checkpoint-8")
        }
    }
}
