import Foundation
import TestSupport
import Testing

extension Command {
    /// What happens to a host ends the job on all of them.
    @Suite(.enabled(if: HostCluster.isAvailable, "making hosts needs root")) struct HostFaults {
        /// Trains over three hosts without end until something happens to them.
        /// - Returns: how the job ended.
        private func train(until harm: (HostCluster, [HostCluster.HostProcess]) throws -> Void) throws -> CommandResult
        {
            let folder = try TemporaryFolder()
            let cluster = try HostCluster(hosts: 3, slots: "2,1")
            let arguments = AAM.training(into: folder("run"), ["--epochs=10000"])
            let job = try cluster.start(["mpirun", try builtProduct("aam")] + arguments)
            let deadline = Date() + 120
            func steps() -> Int { ((try? text(of: folder("run/metrics.csv"))) ?? "").matches(of: #/\nstep,/#).count }
            while steps() < 2, Date() < deadline { usleep(5000) }
            try #require(steps() >= 2, "the training did not start")
            // Each rank tells the watch once a second what it is at.
            usleep(2_000_000)
            try harm(cluster, try cluster.processes())
            let result = try job.result(within: 60)
            #expect(result.status != 0)
            #expect(!result.stdout.contains("finished"))
            let end = Date() + 10
            while try !cluster.processes().isEmpty, Date() < end { usleep(20_000) }
            #expect(try cluster.processes().map(\.command) == [])
            return result
        }

        private func end(_ process: HostCluster.HostProcess?) throws {
            kill(try #require(process).identifier, SIGKILL)
        }

        /// Rank 0 has the run folder, rank 1 shares its host, rank 2 has a host to itself.
        @Test(arguments: 0..<3) func killedRankIsReportedWithItsHost(rank: Int) throws {
            let host = rank < 2 ? "node1" : "node2"
            let result = try train { _, processes in
                let ranks = processes.filter { $0.rank == rank }
                #expect(ranks.map(\.host) == [host])
                try end(ranks.first)
            }
            #expect(result.status == 128 + SIGKILL)
            let banner = try Banner(result, ranks: 4)
            #expect(result.stderr.contains("| aam: rank \(rank) of 4 on host \(host) failed\n"), "\(result.stderr)")
            #expect(banner.what.hasPrefix("the process is gone"))
            #expect(banner.place?.hasPrefix("process ") == true)
        }

        @Test func killedDaemonEndsTheJobAndItsHostIsNamed() throws {
            let result = try train { _, processes in
                try end(processes.first { $0.host == "node2" && $0.command.hasPrefix("orted ") })
            }
            #expect(result.stderr.contains("ORTE has lost communication with a remote daemon"), "\(result.stderr)")
            #expect(result.stderr.contains("on node node2"), "\(result.stderr)")
        }

        @Test func lostLinkEndsTheJobAndItsHostIsNamed() throws {
            let result = try train { cluster, _ in try cluster.cut("node3") }
            #expect(result.stderr.contains("ORTE has lost communication with a remote daemon"), "\(result.stderr)")
            #expect(result.stderr.contains("on node node3"), "\(result.stderr)")
        }

        /// mpirun would notice only minutes later, and waits for the host until then.
        @Test func lostNetworkIsNamedWithWhatTheRanksWaitFor() throws {
            let folder = try TemporaryFolder()
            let cluster = try HostCluster(hosts: 3, slots: "2,1")
            let options = ["--epochs=10000", "--stall-warning=3", "--stall-timeout=6"]
            let mpirun = ["mpirun", "--mca", "oob_tcp_keepalive_time", "300", try builtProduct("aam")]
            let job = try cluster.start(mpirun + AAM.training(into: folder("run"), options))
            func wait(for condition: () throws -> Bool) throws {
                let deadline = Date() + 100
                while try !condition() {
                    let output = try job.output
                    try #require(job.isRunning && Date() < deadline, "\(output)")
                    usleep(20_000)
                }
            }
            try wait { ((try? text(of: folder("run/metrics.csv"))) ?? "").matches(of: #/\nstep,/#).count >= 2 }
            usleep(2_000_000)
            try cluster.cut("node3")
            try wait { try job.output.stderr.contains("start again with --resume auto on hosts that answer\n") }
            let errors = try job.output.stderr
            #expect(errors.contains("warning: no sign of life from rank 3 (node3) for 3 s\n"), "\(errors)")
            #expect(errors.contains("| aam: rank 3 of 4 on host node3 failed\n"), "\(errors)")
            let waiting =
                #/\|   what:  no sign of life from rank 3 \(node3\) for \d+ s\n\|  +ranks? [0-2].*: .*allreduce/#
            #expect(errors.contains(waiting), "\(errors)")
        }

        @Test func hostThatCannotBeReachedIsNamedAtTheStart() throws {
            let cluster = try HostCluster(hosts: 2)
            try cluster.cut("node2")
            let result = try cluster.mpirun(try builtProduct("aam"), arguments: ["train", "--help"])
            #expect(result.status != 0)
            #expect(result.stderr.contains("deploy/netns/agent: cannot reach node2 from node1"), "\(result.stderr)")
        }
    }
}
