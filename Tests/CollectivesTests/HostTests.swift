import Foundation
import TestSupport
import Testing

/// Ranks on several hosts, which are network namespaces of this machine.
@Suite(.serialized, .timeLimit(.minutes(5)), .enabled(if: HostCluster.isAvailable, "making hosts needs root"))
struct HostTests {
    private func selftest(_ cluster: HostCluster, _ arguments: String...) throws -> CommandResult {
        try cluster.mpirun(try builtProduct("mpi-selftest"), arguments: arguments)
    }

    @Test(
        arguments: [
            (2, "1", "[[0], [1]]"), (2, "1,2", "[[0], [1, 2]]"), (3, "2,1", "[[0, 1], [2], [3]]"),
            (4, "1,2,1", "[[0], [1, 2], [3], [4]]"),
        ])
    func hostsAreNodesAndSumsAreExact(hosts: Int, slots: String, nodes: String) throws {
        let cluster = try HostCluster(hosts: hosts, slots: slots)
        let ranks = nodes.count(where: \.isNumber)
        #expect(try selftest(cluster, "operations").stdout == "operations passed on \(ranks) ranks\n")
        for command in ["order", "compressed-order"] {
            let result = try selftest(cluster, command)
            #expect(result.stdout.hasPrefix("nodes: \(nodes), checksum "), "\(result.stderr)")
        }
    }

    @Test func errorOnAnotherHostIsReportedOnceWithItsName() throws {
        let cluster = try HostCluster(hosts: 3, slots: "2,1")
        let result = try selftest(cluster, "fail", "2", "watched")
        #expect(result.status == 5)
        #expect(result.stderr.components(separatedBy: "| aam: ").count - 1 == 1, "\(result.stderr)")
        #expect(result.stderr.contains("| aam: rank 2 of 4 on host node2 failed\n|   what:  disk full\n"))
    }

    @Test func errorsOnAllHostsAtOnceAreReportedOnce() throws {
        let result = try selftest(try HostCluster(hosts: 3, slots: "2,1"), "fail-together", "watched")
        #expect(result.status == 5)
        #expect(result.stderr.components(separatedBy: "| aam: ").count - 1 == 1, "\(result.stderr)")
    }

    @Test func differentCountsOfHostsAreReported() throws {
        let result = try selftest(try HostCluster(hosts: 2, slots: "2"), "mismatch", "2")
        #expect(result.status == 1)
        #expect(result.stderr.contains("rank 2 called allreduce(sum) of 7 float"), "\(result.stderr)")
    }

    /// Each of two hosts sends and receives the buffer's 8 MB once.
    @Test func linksAreAsSlowAsTheyShouldBe() throws {
        let limited = try selftest(try HostCluster(hosts: 2, rate: "20mbit"), "order", "2000000")
        #expect(limited.status == 0, "\(limited.stderr)")
        #expect(limited.seconds > 8e6 * 8 / 20e6)
    }

    @Test func messagesTakeTheirTime() throws {
        let cluster = try HostCluster(hosts: 2, delay: "50ms")
        // To be refused takes a way there and one back.
        let script = "start=${EPOCHREALTIME/./}; true </dev/tcp/node2/9 2>&1; echo $((${EPOCHREALTIME/./} - start))"
        let result = try cluster.start(["bash", "-c", script]).result()
        let microseconds = try #require(result.stdout.split(separator: "\n").last.flatMap { Int($0) }, "\(result)")
        #expect(microseconds > 100_000 && microseconds < 2_000_000)
        #expect(try selftest(cluster, "order").status == 0)
    }
}
