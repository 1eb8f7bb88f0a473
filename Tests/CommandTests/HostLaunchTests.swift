import Foundation
import TestSupport
import Testing

extension Command {
    /// A launch over hosts that are lost while the job runs.
    @Suite(.enabled(if: HostCluster.isAvailable, "making hosts needs root")) struct HostLaunches {
        /// Brings a training of 40 steps to its end, although something happens to its hosts.
        private func launch(
            on cluster: HostCluster, into run: String, until harm: ([HostCluster.HostProcess]) throws -> Void
        ) throws -> CommandResult {
            let options = ["--epochs=10", "--sync-batchnorm", "--checkpoint-every=2"]
            let command = [try builtProduct("aam"), "launch", "--restart-delay=1", "--"]
            let job = try cluster.start(command + AAM.training(into: run, options))
            let deadline = Date() + 120
            while !exists("\(run)/checkpoint-2"), job.isRunning, Date() < deadline { usleep(5000) }
            try harm(try cluster.processes())
            let result = try job.result(within: 120)
            try #require(result.status == 0, "\(result.stdout)\(result.stderr)")
            let end = Date() + 10
            while try !cluster.processes().isEmpty, Date() < end { usleep(20_000) }
            #expect(try cluster.processes().map(\.command) == [])
            // Every step once, whatever was done twice.
            #expect(try Metrics(run).steps.map(\.step) == Array(1...40))
            #expect(try Metrics(run).validations.map(\.epoch) == Array(1...10))
            return result
        }

        /// Start, seconds and cause left out.
        private func attempts(_ run: String) throws -> [String] {
            try text(of: "\(run)/attempts.csv").split(separator: "\n").dropFirst().map { line in
                let fields = line.split(separator: ",", omittingEmptySubsequences: false)
                return (fields[3...4] + fields[7...7]).joined(separator: ",")
            }
        }

        /// The losses of a run on one host: the ranks of a host are added first there, too.
        private func losses(ranks: Int, _ folder: TemporaryFolder) throws -> [Double] {
            let options = ["--epochs=10", "--sync-batchnorm"]
            let environment = ["AAM_RANKS_PER_NODE": "1"]
            try AAM.succeed(AAM.training(into: folder("one"), options), ranks: ranks, environment: environment)
            return try Metrics(folder("one")).losses
        }

        @Test func killedDaemonsHostIsUsedAgainAndNothingChanges() throws {
            let folder = try TemporaryFolder()
            let run = folder("run")
            let cluster = try HostCluster(hosts: 2)
            let result = try launch(on: cluster, into: run) { processes in
                let daemon = processes.first { $0.host == "node2" && $0.command.hasPrefix("orted ") }
                kill(try #require(daemon).identifier, SIGKILL)
            }
            #expect(result.stderr.contains("launch: attempt 1 of 4: 2 ranks on node1 node2\n"), "\(result.stderr)")
            #expect(try attempts(run) == ["2,node1 node2,retryable", "2,node1 node2,done"])
            let words = #/launch: attempt 2 of 4: 2 ranks on node1 node2, from checkpoint-\d+\n/#
            #expect(result.stderr.contains(words), "\(result.stderr)")
            #expect(try Metrics(run).losses == losses(ranks: 2, folder))
        }

        @Test func hostWithoutALinkIsLeftOutAndTheOthersFinish() throws {
            let folder = try TemporaryFolder()
            let run = folder("run")
            let cluster = try HostCluster(hosts: 3)
            let result = try launch(on: cluster, into: run) { _ in try cluster.cut("node3") }
            #expect(try attempts(run) == ["3,node1 node2 node3,retryable", "2,node1 node2,done"])
            let words =
                #/launch: attempt 2 of 4: 2 ranks on node1 node2 \(node3 does not answer\), from checkpoint-(\d+)\n/#
            let match = try #require(result.stderr.firstMatch(of: words), "\(result.stderr)")
            #expect(result.stderr.contains("launch: node3 does not answer: deploy/netns/agent: cannot reach node3"))
            // Up to the checkpoint bit for bit as three ranks that lose nothing.
            let resumed = try #require(Int(match.1))
            #expect(resumed >= 2 && resumed < 40)
            let losses = try Metrics(run).losses
            #expect(try losses.prefix(resumed) == self.losses(ranks: 3, folder).prefix(resumed))
        }

        @Test func launchEndsWhenFewerRanksAreLeftThanItMayUse() throws {
            let folder = try TemporaryFolder()
            let cluster = try HostCluster(hosts: 2)
            try cluster.cut("node2")
            let command = [try builtProduct("aam"), "launch", "--min-ranks=2", "--"]
            let result = try cluster.start(command + AAM.training(into: folder("run"))).result()
            #expect(result.status == 200)
            let words = "launch: given up: 1 rank on node1 (node2 does not answer), --min-ranks 2\n"
            #expect(result.stderr.hasSuffix(words), "\(result.stderr)")
        }
    }
}
