import Foundation
import TestSupport
import Testing

/// A file system of its own in memory, unmounted when the value goes away. Only root may make one.
private final class SmallDisk {
    let path: String
    private let folder: TemporaryFolder

    init(megabytes: Int) throws {
        folder = try TemporaryFolder()
        path = folder("disk")
        try FileManager.default.createDirectory(atPath: path, withIntermediateDirectories: true)
        let options = ["-t", "tmpfs", "-o", "size=\(megabytes)m"]
        let result = try runCommand("/bin/mount", arguments: options + ["tmpfs", path])
        guard result.status == 0 else { throw CancellationError() }
    }

    func remount(_ options: String) throws {
        let result = try runCommand("/bin/mount", arguments: ["-o", "remount,\(options)", path])
        try #require(result.status == 0, "\(result.stderr)")
    }

    deinit { _ = try? runCommand("/bin/umount", arguments: [path]) }

    static let isPossible = (try? SmallDisk(megabytes: 1)) != nil
}

extension Command {
    @Suite(.enabled(if: SmallDisk.isPossible)) struct Disks {
        /// A checkpoint takes 90 MB, so that two have room.
        @Test(arguments: aloneAndTwoRanks) func fullDiskIsWaitedFor(ranks: Int?) throws {
            let disk = try SmallDisk(megabytes: 220)
            let run = "\(disk.path)/run"
            let arguments = AAM.training(into: run, ["--checkpoint-every=1"])
            let result = try AAM.run(arguments, ranks: ranks)
            #expect(result.status > 0 && result.status < 128)
            let banner = try Banner(result, ranks: ranks)
            #expect(banner.what.hasPrefix("cannot write \(run)/.checkpoint-8.partial-"))
            #expect(banner.what.contains("No space left on device (errno 28); free some space there"))
            #expect(try Metrics(run).steps.map(\.step) == Array(1...8), "training went on")
            let warnings = result.stdout.split(separator: "\n").filter {
                $0.hasPrefix("warning: cannot ") && $0.contains("Training goes on without this checkpoint")
            }
            #expect(!warnings.isEmpty)

            try disk.remount("size=800m")
            let resumed = try AAM.succeed(arguments + ["--resume=auto"], ranks: ranks)
            #expect(resumed.stdout.contains("\nresumed from \(run)/checkpoint-2: "))
            if ranks == nil {
                #expect(try Metrics(run).losses == Metrics(Birds.run).losses)
                try expectSameCheckpoint("\(run)/checkpoint-8", "\(Birds.run)/checkpoint-8")
            }
        }

        @Test(arguments: aloneAndTwoRanks) func readOnlyFolderIsNamed(ranks: Int?) throws {
            let disk = try SmallDisk(megabytes: 10)
            let run = "\(disk.path)/run"
            try FileManager.default.createDirectory(atPath: run, withIntermediateDirectories: true)
            try disk.remount("ro")
            try AAM.expectFailure(
                AAM.training(into: run), ranks: ranks,
                Banner(
                    what: "cannot write \(run)/log.txt: Read-only file system", place: "while opening the log",
                    hint: "check the path, its permissions and the space on its disk"))
        }
    }
}
