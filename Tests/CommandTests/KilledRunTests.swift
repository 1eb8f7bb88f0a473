import Foundation
import TestSupport
import Testing

extension Command {
    /// Runs that are killed again and again, at moments that nobody chooses, and brought to their end.
    @Suite struct KilledRuns {
        private static let shares = 8
        /// In all shares together: the environment's `AAM_KILLS`.
        private static let kills =
            ProcessInfo.processInfo.environment["AAM_KILLS"].flatMap(Int.init) ?? 200

        /// In memory where that can be: hundreds of checkpoints of 90 MB are written.
        private static let place =
            FileManager.default.isWritableFile(atPath: "/dev/shm")
            ? "/dev/shm" : FileManager.default.temporaryDirectory.path

        /// The first share trains on two ranks. With a checkpoint a step, most kills cut one that is being written.
        @Test(arguments: 0..<shares) func runsEndBitForBitTheSame(share: Int) throws {
            let folder = "\(Self.place)/aam-kills-\(UUID().uuidString)"
            defer { try? FileManager.default.removeItem(atPath: folder) }
            let (data, whole, broken) = ("\(folder)/birds", "\(folder)/whole", "\(folder)/broken")
            try AAM.succeed([
                "synthesize", "--output=\(data)", "--classes=2", "--train-images=4", "--test-images=2",
                "--image-size=32",
            ])
            let ranks = share == 0 ? 2 : nil
            func arguments(_ output: String) -> [String] {
                let options = ["--batch-size=2", "--epochs=3", "--checkpoint-every=1", "--keep-checkpoints=1"]
                return AAM.training(on: data, into: output, options + ["--resume=auto"])
            }
            let unbroken = try AAM.run(arguments(whole), ranks: ranks)
            try #require(unbroken.status == 0, "\(unbroken.stderr)")
            let expected = try Metrics(whole)

            var (killed, cutWrites, finished) = (0, 0, 0)
            while killed < max(1, Self.kills / Self.shares) || finished == 0 {
                let run = try RunUnderWay(arguments(broken), folder: broken, ranks: ranks)
                if killed < max(1, Self.kills / Self.shares) {
                    usleep(UInt32(Double.random(in: 0..<unbroken.seconds) * 1e6))
                    for process in run.processes where run.command.isRunning { kill(process, SIGKILL) }
                }
                let result = try run.command.result(within: 120)
                try #require([0, 137].contains(result.status), "\(result.stdout)\(result.stderr)")
                if result.status == 137 { killed += 1 }
                let all = (try? names(in: broken)) ?? []
                if all.contains(where: { $0.contains(".partial-") }) { cutWrites += 1 }
                // One that is killed after its last checkpoint has nothing left to do.
                guard all.contains("checkpoint-12"), try latest(in: broken) == "checkpoint-12" else { continue }
                finished += 1
                let metrics = try Metrics(broken)
                try #require(metrics.losses == expected.losses)
                try #require(metrics.validations == expected.validations)
                try #require(metrics.kinds == expected.kinds)
                try expectSameCheckpoint("\(broken)/checkpoint-12", "\(whole)/checkpoint-12")
                try FileManager.default.removeItem(atPath: broken)
            }
            #expect(killed < 10 || cutWrites > 0, "no kill came while a checkpoint was written")
        }

        private func latest(in run: String) throws -> String {
            try FileManager.default.destinationOfSymbolicLink(atPath: "\(run)/latest")
        }
    }
}
