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

        /// The first share trains on two ranks.
        @Test(arguments: 0..<shares) func runsEndBitForBitTheSame(share: Int) throws {
            let ranks = share == 0 ? 2 : nil
            let unbroken = try Unbroken(ranks: ranks)
            // Two at a time, as they leave half of the processors idle.
            let runs = (0..<2).map { KilledRun("\(unbroken.folder)/broken\($0)", unbroken) }
            let wanted = max(2, Self.kills / Self.shares)
            var round = 0
            while runs.reduce(0, { $0 + $1.kills }) < wanted {
                round += 1
                let underWay = try runs.map { try $0.start() }
                usleep(UInt32(Double.random(in: 0..<unbroken.seconds) * 1e6))
                // Every other time not before a checkpoint is being written.
                while round % 2 == 0, underWay[0].command.isRunning, !runs[0].isWriting { usleep(1000) }
                for run in underWay where run.command.isRunning { for rank in run.processes { kill(rank, SIGKILL) } }
                for (run, killed) in zip(runs, underWay) { try run.takeEnd(of: killed) }
            }
            for run in runs { try run.takeEnd(of: run.start()) }
            #expect(runs.allSatisfy { $0.ends > 0 })
            #expect(wanted < 20 || runs[0].cutWrites > 0, "no kill came while a checkpoint was written")
        }
    }
}

/// What the killed runs have to come to.
private final class Unbroken {
    let folder: String
    let metrics: Metrics
    let seconds: Double
    fileprivate let ranks: Int?

    init(ranks: Int?) throws {
        self.ranks = ranks
        // In memory where that can be: hundreds of checkpoints of 90 MB are written.
        let place =
            FileManager.default.isWritableFile(atPath: "/dev/shm")
            ? "/dev/shm" : FileManager.default.temporaryDirectory.path
        folder = "\(place)/aam-kills-\(UUID().uuidString)"
        try AAM.succeed([
            "synthesize", "--output=\(folder)/birds", "--classes=2", "--train-images=4", "--test-images=2",
            "--image-size=32",
        ])
        let result = try AAM.run(Self.arguments(in: folder, into: "\(folder)/whole"), ranks: ranks)
        try #require(result.status == 0, "\(result.stderr)")
        seconds = result.seconds
        metrics = try Metrics("\(folder)/whole")
    }

    deinit { try? FileManager.default.removeItem(atPath: folder) }

    static let lastCheckpoint = "checkpoint-6"

    /// 3 epochs of 2 steps.
    static func arguments(in folder: String, into output: String) -> [String] {
        let options = ["--batch-size=4", "--epochs=3", "--checkpoint-every=1", "--keep-checkpoints=1"]
        return AAM.training(on: "\(folder)/birds", into: output, options + ["--resume=auto"])
    }
}

private final class KilledRun {
    private let folder: String
    private let unbroken: Unbroken
    private(set) var kills = 0
    /// Kills that left half a checkpoint.
    private(set) var cutWrites = 0
    /// Times that the run came to its end, each of them compared.
    private(set) var ends = 0

    init(_ folder: String, _ unbroken: Unbroken) {
        self.folder = folder
        self.unbroken = unbroken
    }

    /// Starts or goes on.
    func start() throws -> RunUnderWay {
        try RunUnderWay(Unbroken.arguments(in: unbroken.folder, into: folder), folder: folder, ranks: unbroken.ranks)
    }

    /// Whether there is a part of a checkpoint.
    var isWriting: Bool { ((try? names(in: folder)) ?? []).contains { $0.contains(".partial-") } }

    func takeEnd(of run: RunUnderWay) throws {
        let result = try run.command.result(within: 120)
        try #require([0, 137].contains(result.status), "\(result.stdout)\(result.stderr)")
        if result.status == 137 { kills += 1 }
        if isWriting { cutWrites += 1 }
        // One that is killed after its last checkpoint has nothing left to do.
        let latest = try? FileManager.default.destinationOfSymbolicLink(atPath: "\(folder)/latest")
        guard latest == Unbroken.lastCheckpoint else { return }
        ends += 1
        let metrics = try Metrics(folder)
        try #require(metrics.losses == unbroken.metrics.losses)
        try #require(metrics.validations == unbroken.metrics.validations)
        try #require(metrics.kinds == unbroken.metrics.kinds)
        let path = "\(folder)/\(Unbroken.lastCheckpoint)"
        try expectSameCheckpoint(path, "\(unbroken.folder)/whole/\(Unbroken.lastCheckpoint)")
        try FileManager.default.removeItem(atPath: folder)
    }
}
