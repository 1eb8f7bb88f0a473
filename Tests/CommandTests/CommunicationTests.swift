import Foundation
import Testing

extension Command {
    /// How gradients travel, and when, does not show in what is trained.
    @Suite struct Communication {
        private func train(
            ranks: Int, into folder: String, _ options: [String] = [], _ environment: [String: String] = [:]
        ) throws -> [Double] {
            try AAM.succeed(
                AAM.training(into: folder, ["--epochs=1", "--sync-batchnorm"] + options), ranks: ranks,
                environment: environment)
            return try Metrics(folder).losses
        }

        /// Three ranks are one node, two, or three: each time the sum is (a + b) + c.
        @Test(arguments: [2, 3]) func neitherOverlapNorBucketsNorMemoryNorMessagesChangeABit(ranks: Int) throws {
            let folder = try TemporaryFolder()
            let losses = try train(ranks: ranks, into: folder("0"))
            let ways: [(options: [String], environment: [String: String])] = [
                (["--no-overlap", "--bucket-mebibytes=100"], [:]), (["--bucket-mebibytes=1"], [:]),
                ([], ["AAM_SHARED_MEMORY": "0"]),
                (["--no-overlap"], ["AAM_SHARED_MEMORY": "0", "AAM_CHECK_COLLECTIVES": "1"]),
                ([], ["AAM_RANKS_PER_NODE": "2", "AAM_CHECK_COLLECTIVES": "1"]),
                // Nothing is sent inside a node.
                (["--wire=bfloat16"], [:]),
            ]
            for (index, way) in ways.enumerated() {
                let run = folder("\(index + 1)")
                #expect(try train(ranks: ranks, into: run, way.options, way.environment) == losses, "\(way)")
                try expectSameCheckpoint("\(run)/latest", "\(folder("0"))/latest")
            }
        }

        @Test func compressedGradientsRoundTheSameInAllBuckets() throws {
            let folder = try TemporaryFolder()
            let nodes = ["AAM_RANKS_PER_NODE": "1"]
            let exact = try train(ranks: 2, into: folder("exact"), [], nodes)
            let compressed = try train(ranks: 2, into: folder("compressed"), ["--wire=bfloat16"], nodes)
            #expect(compressed[0] == exact[0])
            #expect(compressed[1] != exact[1])
            // Each gradient is off by 2^-8 of itself at most. Measured: 6e-4.
            #expect(abs(compressed[1] - exact[1]) < 0.02 * exact[1], "\(compressed) and \(exact)")
            let cut = ["--wire=bfloat16", "--bucket-mebibytes=1", "--no-overlap"]
            #expect(try train(ranks: 2, into: folder("cut"), cut, nodes) == compressed)
            try expectSameCheckpoint("\(folder("cut"))/latest", "\(folder("compressed"))/latest")
        }
    }
}
