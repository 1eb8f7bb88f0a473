import Collectives
import Diagnosis
import Foundation
import Testing

@Suite struct OutputCheckTests {
    private func host(_ rank: Int, free: Int, sees: Bool = true) throws -> Observed<OutputCheck.Observation> {
        try observed(
            OutputCheck.Observation.self,
            "{\"folder\": \"/runs\", \"writing\": 0.01, \"free\": \(free << 20), \"seesFile\": \(sees)}", rank: rank,
            host: "h\(rank)")
    }

    private func texts(_ hosts: [Observed<OutputCheck.Observation>]) -> [String] {
        OutputCheck(folder: "/runs").findings(in: hosts).texts
    }

    @Test func spaceForSomeCheckpointsIsFine() throws {
        #expect(texts([try host(0, free: 1000), try host(1, free: 10)]) == [])
    }

    @Test func littleSpaceIsAWarningAndTooLittleAProblem() throws {
        #expect(texts([try host(0, free: 500)])[0].hasPrefix("warning: the disk has 500 MiB free; a checkpoint of"))
        #expect(texts([try host(0, free: 100)])[0].hasPrefix("problem: the disk has 100 MiB free"))
    }

    @Test func foldersThatOtherHostsDoNotSeeAreNoted() throws {
        let hosts = try (0..<3).map { try host($0, free: 1000, sees: $0 == 0) }
        #expect(
            texts(hosts) == [
                "note: h1, h2 do not see what rank 0 writes to /runs -> only rank 0 writes checkpoints, but all ranks read "
                    + "them: --resume needs a folder that all hosts see"
            ])
    }

    /// Each rank looks for the file of rank 0 in what it takes for the folder.
    @Test func nothingIsLeftInTheFolderAndFoldersNeedNotExist() throws {
        let folder = FileManager.default.temporaryDirectory.appending(path: "aam-output-\(UUID().uuidString)").path
        try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
        defer { try? FileManager.default.removeItem(atPath: folder) }
        let lines = try InMemoryGroup.run(ranks: 2) { communicator in
            try Examination([OutputCheck(folder: "\(folder)/runs/new")]).run(on: communicator)?.lines(width: 300) ?? []
        }[0]
        #expect(lines[3] == "  folder          \(folder)/runs/new, to be made in \(folder)")
        #expect(lines.last == "no problems, no warnings, no notes")
        #expect(try FileManager.default.contentsOfDirectory(atPath: folder) == [])
    }
}
