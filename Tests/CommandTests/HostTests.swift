import Foundation
import TestSupport
import Testing

extension Command {
    /// Training and evaluation over several hosts, which are network namespaces of this machine.
    @Suite(.enabled(if: HostCluster.isAvailable, "making hosts needs root")) struct Hosts {
        private func run(_ arguments: [String], on cluster: HostCluster) throws -> CommandResult {
            let result = try cluster.mpirun(try builtProduct("aam"), arguments: arguments)
            try #require(result.status == 0, "\(result.stdout)\(result.stderr)")
            return result
        }

        private func training(into folder: String, _ options: [String] = []) -> [String] {
            AAM.training(into: folder, ["--epochs=1", "--sync-batchnorm"] + options)
        }

        /// Hosts, their slots, and what adds in the same order on one host. Nodes of two ranks add (a + b) + (c + d) …;
        /// hosts of one rank after the first, and a single host, ((a + b) + c) ….
        @Test(
            arguments: [
                (2, "1", 2, [:]), (2, "2", 4, ["AAM_RANKS_PER_NODE": "2"]),
                (3, "2,2,1", 5, ["AAM_RANKS_PER_NODE": "2"]),
                (4, "2,1", 5, [:]),
            ] as [(Int, String, Int, [String: String])])
        func trainingIsTheSameAsOnOneHost(hosts: Int, slots: String, ranks: Int, oneHost: [String: String]) throws {
            let folder = try TemporaryFolder()
            let cluster = try HostCluster(hosts: hosts, slots: slots, rate: "1gbit", delay: "0.1ms")
            let output = try run(training(into: folder("hosts")), on: cluster).stdout
            #expect(output.contains("ranks: \(ranks), "), "\(output)")
            try AAM.succeed(training(into: folder("one")), ranks: ranks, environment: oneHost)
            #expect(try Metrics(folder("hosts")).losses == Metrics(folder("one")).losses)
            #expect(try Metrics(folder("hosts")).validations == Metrics(folder("one")).validations)
            try expectSameCheckpoint("\(folder("hosts"))/latest", "\(folder("one"))/latest")
        }

        /// Two nodes of two ranks and three of 1, 2 and 1 add in different orders.
        @Test func unevenHostsTrainLikeOthersButForRounding() throws {
            let folder = try TemporaryFolder()
            _ = try run(training(into: folder("uneven")), on: try HostCluster(hosts: 3, slots: "1,2,1"))
            try AAM.succeed(training(into: folder("one")), ranks: 4)
            let (losses, expected) = (try Metrics(folder("uneven")).losses, try Metrics(folder("one")).losses)
            #expect(losses.count == 4)
            for (loss, expected) in zip(losses, expected) { #expect(abs(loss - expected) < 5e-3 * expected) }
        }

        @Test func neitherOverlapNorSlowLinksChangeABitAndMessagesRoundAsOnOneHost() throws {
            let folder = try TemporaryFolder()
            let cluster = try HostCluster(hosts: 2, rate: "500mbit", delay: "1ms")
            _ = try run(training(into: folder("overlap")), on: cluster)
            _ = try run(training(into: folder("after"), ["--no-overlap", "--bucket-mebibytes=7"]), on: cluster)
            try expectSameCheckpoint("\(folder("overlap"))/latest", "\(folder("after"))/latest")
            let wire = ["--wire=bfloat16"]
            _ = try run(training(into: folder("wire"), wire), on: cluster)
            try AAM.succeed(training(into: folder("one"), wire), ranks: 2, environment: ["AAM_RANKS_PER_NODE": "1"])
            try expectSameCheckpoint("\(folder("wire"))/latest", "\(folder("one"))/latest")
        }

        @Test(arguments: [(2, "2,1"), (3, "1,2,1"), (4, "1")])
        func evaluationIsTheSameAsOnOneRank(hosts: Int, slots: String) throws {
            let folder = try TemporaryFolder()
            func figures(_ output: String) -> Substring? { output.split(separator: " images in ").first }
            let alone = try AAM.succeed(AAM.evaluation(of: Birds.run, ["--predictions=\(folder("alone.csv"))"]))
            let cluster = try HostCluster(hosts: hosts, slots: slots)
            let arguments = AAM.evaluation(of: Birds.run, ["--predictions=\(folder("hosts.csv"))"])
            let together = try run(arguments, on: cluster)
            #expect(figures(together.stdout) == figures(alone.stdout))
            #expect(try bytes(of: folder("hosts.csv")) == bytes(of: folder("alone.csv")))
        }
    }
}
