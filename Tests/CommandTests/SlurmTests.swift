import Foundation
import TestSupport
import Testing

extension Command {
    /// `deploy/slurm/train.sbatch` on a Slurm cluster of two nodes, which is made for it on this machine.
    @Suite(.enabled(if: SlurmCluster.isAvailable, "a Slurm cluster needs root, slurmctld, slurmd and munged"))
    struct Slurm {
        @Test func signalledJobIsRequeuedAndEndsAsAnUnbrokenOne() throws {
            let folder = try TemporaryFolder()
            let options = ["--batch-size=4", "--epochs=4"]
            let (whole, run) = (folder("whole"), folder("run"))
            try AAM.succeed(AAM.training(into: whole, options), ranks: 2)

            let cluster = try SlurmCluster()
            let job = try cluster.submit(
                AAM.training(into: run, options), sbatch: ["--nodes=2"], output: folder("job.out"))
            try cluster.wait(within: 90) { ((try? Metrics(run))?.steps.count ?? 0) >= 5 }
            // What Slurm does itself two minutes before the time limit.
            try cluster.command("scancel", "--signal=USR1", "--batch", job)
            try cluster.wait(within: 120) { try cluster.queue().isEmpty }

            let output = try text(of: folder("job.out"))
            #expect(output.contains("start 1, nodes node[1-2], 2 ranks\n"), "\(output)")
            #expect(output.contains("aam ended with 138, the job goes back into the queue\n"), "\(output)")
            #expect(output.contains("start 2, nodes node[1-2], 2 ranks\n"), "\(output)")
            #expect(output.contains("\nresumed from \(run)/checkpoint-"), "\(output)")
            let (after, expected) = (try Metrics(run), try Metrics(whole))
            #expect(after.losses == expected.losses)
            #expect(after.validations == expected.validations)
            try expectSameCheckpoint("\(run)/checkpoint-32", "\(whole)/checkpoint-32")
        }

        @Test func cancelledJobLeavesACheckpointAndIsNotRequeued() throws {
            let folder = try TemporaryFolder()
            let run = folder("run")
            let cluster = try SlurmCluster()
            let job = try cluster.submit(
                AAM.training(into: run, ["--epochs=1000"]), sbatch: ["--nodes=2"], output: folder("job.out"))
            try cluster.wait(within: 90) { ((try? Metrics(run))?.steps.count ?? 0) >= 2 }
            try cluster.command("scancel", "--signal=TERM", "--batch", job)
            try cluster.wait(within: 120) { try cluster.queue().isEmpty }
            let output = try text(of: folder("job.out"))
            let last = try #require(try Metrics(run).steps.last).step
            #expect(output.contains("stopped by SIGUSR1 after step \(last): \(run)/checkpoint-\(last); "), "\(output)")
            #expect(exists("\(run)/checkpoint-\(last)/state.json"))
            #expect(!output.contains("goes back into the queue"), "\(output)")
            #expect(try cluster.command("scontrol", "show", "job", job).contains("ExitCode=138:0"), "\(output)")
        }

        @Test func arrayTrainsASeedATaskAndMistakesAreNotRequeued() throws {
            let folder = try TemporaryFolder()
            let cluster = try SlurmCluster()
            _ = try cluster.submit(
                AAM.training(into: folder("runs"), ["--epochs=1"]),
                sbatch: ["--array=1-2", "--nodes=2", "--ntasks-per-node=2"], output: folder("array.out"))
            let bad = try cluster.submit(["train", "--no-such-option"], sbatch: [], output: folder("bad.out"))
            try cluster.wait(within: 120) { try cluster.queue().isEmpty }
            #expect(try text(of: folder("array.out")).contains("nodes node[1-2], 4 ranks\n"))
            for seed in 1...2 {
                #expect(try text(of: folder("runs/seed\(seed)/config.toml")).contains("seed = \(seed)\n"))
                #expect(try Metrics(folder("runs/seed\(seed)")).validations.count == 1)
            }
            let output = try text(of: folder("bad.out"))
            #expect(!output.contains("goes back into the queue"), "\(output)")
            #expect(try cluster.command("scontrol", "show", "job", bad).contains("ExitCode=64:0"), "\(output)")
        }
    }
}

/// `deploy/slurm/local-cluster`, stopped with this value.
private final class SlurmCluster {
    static let isAvailable =
        geteuid() == 0
        && ["slurmctld", "slurmd", "munged"].allSatisfy {
            FileManager.default.isExecutableFile(atPath: "/usr/sbin/\($0)")
        }

    private static let deploy = HostCluster.script.components(separatedBy: "/netns/")[0]
    // The cluster's own: it must not be removed before the daemons that work in it have ended.
    private let folder: TemporaryFolder

    init() throws {
        folder = try TemporaryFolder()
        let result = try runCommand("\(Self.deploy)/slurm/local-cluster", arguments: ["up", folder.path])
        try #require(result.status == 0, "\(result.stdout)\(result.stderr)")
    }

    deinit { _ = try? runCommand("\(Self.deploy)/slurm/local-cluster", arguments: ["down", folder.path]) }

    @discardableResult
    func command(_ name: String, _ arguments: String...) throws -> String { try run(name, arguments) }

    private func run(_ name: String, _ arguments: [String]) throws -> String {
        let environment = [
            "SLURM_CONF": folder("slurm.conf"), "AAM": try builtProduct("aam"),
            "OMPI_ALLOW_RUN_AS_ROOT": "1", "OMPI_ALLOW_RUN_AS_ROOT_CONFIRM": "1",
        ]
        let result = try runCommand("/usr/bin/\(name)", arguments: arguments, environment: environment)
        try #require(result.status == 0, "\(name) \(arguments): \(result.stdout)\(result.stderr)")
        return result.stdout
    }

    /// - Parameter arguments: of aam; the script says `train` itself.
    /// - Returns: the job's number.
    func submit(_ arguments: [String], sbatch: [String], output: String) throws -> String {
        let options = ["--parsable", "--time=5", "--output=\(output)"] + sbatch
        let text = try run("sbatch", options + ["\(Self.deploy)/slurm/train.sbatch"] + arguments.dropFirst())
        return text.trimmingCharacters(in: .whitespacesAndNewlines)
    }

    /// The jobs that wait or run, a line each.
    func queue() throws -> [Substring] { try command("squeue", "--noheader").split(separator: "\n") }

    func wait(within seconds: Double, until condition: () throws -> Bool) throws {
        let deadline = Date() + seconds
        while try !condition() {
            let jobs = try queue()
            try #require(Date() < deadline, "the jobs do not come to it: \(jobs)")
            usleep(100_000)
        }
    }
}
