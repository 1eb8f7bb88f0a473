import Foundation
import TestSupport
import Testing

extension Command {
    /// Ranks that end, or stop, without being able to say so.
    @Suite struct Faults {
        private func disturbed(
            ranks: Int?, _ options: [String] = [], environment: [String: String] = [:], _ disturb: ([pid_t]) -> Void
        ) throws -> CommandResult {
            let folder = try TemporaryFolder()
            let arguments = AAM.training(into: folder("run"), ["--batch-size=6", "--epochs=400"] + options)
            let run = try RunUnderWay(arguments, folder: folder("run"), ranks: ranks, environment: environment)
            try run.wait(forStep: 3)
            // Each rank tells the watch once a second what it is at.
            usleep(2_000_000)
            disturb(run.processes)
            let result = try run.command.result()
            if ranks != nil { #expect(try text(of: folder("run/log.txt")).contains("\n| aam: rank ")) }
            return result
        }

        private func expectReport(
            _ result: CommandResult, ofRank rank: Int, of size: Int, sourceLocation: SourceLocation = #_sourceLocation
        ) throws -> Banner {
            let banner = try Banner(result, ranks: size, sourceLocation: sourceLocation)
            #expect(
                result.stderr.contains("| aam: rank \(rank) of \(size) on host "), "\(result.stderr)",
                sourceLocation: sourceLocation)
            let words = #/\|   run:   \d+ of \d+ steps done, in epoch \d+ of 400, log in .*\/run\/log.txt/#
            #expect(result.stderr.contains(words), "\(result.stderr)", sourceLocation: sourceLocation)
            return banner
        }

        @Test(arguments: [0, 2]) func killedRankIsNamed(rank: Int) throws {
            let result = try disturbed(ranks: 3) { kill($0[rank], SIGKILL) }
            let banner = try expectReport(result, ofRank: rank, of: 3)
            #expect(banner.what == "the process is gone: it was killed, or its host or network went down")
            #expect(banner.place?.hasPrefix("process ") == true)
            #expect(result.status == 137)
        }

        /// mpirun may notice first, and ends the others then: SIGTERM, and SIGKILL a second later.
        @Test(arguments: [0, 2]) func killedRankIsNamedWhereMPIRunIsQuicker(rank: Int) throws {
            let result = try disturbed(ranks: 3) { processes in
                for other in 0..<3 where other != rank { kill(processes[other], SIGTERM) }
                kill(processes[rank], SIGKILL)
            }
            let banner = try expectReport(result, ofRank: rank, of: 3)
            #expect(banner.what == "the process is gone: it was killed, or its host or network went down")
            #expect(result.status == 137)
        }

        @Test(arguments: [0, 1]) func faultOfARankIsNamed(rank: Int) throws {
            let result = try disturbed(ranks: 2, environment: ["SWIFT_BACKTRACE": "enable=no"]) {
                kill($0[rank], SIGSEGV)
            }
            let banner = try expectReport(result, ofRank: rank, of: 2)
            #expect(banner.what == "the program was ended by signal 11 (SIGSEGV)")
            #expect(result.status == 128 + SIGSEGV)
        }

        @Test func faultOfARunAloneIsReported() throws {
            let result = try disturbed(ranks: nil, environment: ["SWIFT_BACKTRACE": "enable=no"]) {
                kill($0[0], SIGILL)
            }
            let banner = try Banner(result, ranks: nil)
            #expect(banner.what == "the program was ended by signal 4")
            #expect(banner.place?.hasPrefix("process ") == true)
            #expect(result.status == 128 + SIGILL)
        }

        @Test(arguments: [0, 1]) func stoppedRankIsNamedAndEndsTheJob(rank: Int) throws {
            let result = try disturbed(ranks: 3, ["--stall-warning=3", "--stall-timeout=6"]) { kill($0[rank], SIGSTOP) }
            let banner = try expectReport(result, ofRank: rank, of: 3)
            #expect(banner.what.hasPrefix("no sign of life from rank \(rank) "), "\(banner)")
            #expect(result.stderr.contains("warning: no sign of life from rank \(rank) "))
            #expect(result.status == 201)
        }

        @Test func imageThatADeadDiskHoldsBackIsNamed() throws {
            let folder = try TemporaryFolder()
            let birds = try Birds.copy(into: folder)
            let image = "\(birds)/images/\(try Birds.images(isTraining: true)[0].path)"
            try FileManager.default.removeItem(atPath: image)
            #expect(mkfifo(image, 0o600) == 0)
            let result = try AAM.run(AAM.training(on: birds, into: folder("run"), ["--stall-timeout=3"]))
            let banner = try Banner(result, ranks: nil)
            #expect(banner.what.hasPrefix("no progress on rank 0 "))
            #expect(banner.what.hasSuffix(" > wait for images; read \(image)"), "\(banner)")
            #expect(result.status == 201)
        }

        /// Opening a pipe to write waits for a reader, as a file server that is gone does.
        @Test func rankThatWaitsForADeadDiskIsNamedWithWhatItIsAt() throws {
            let folder = try TemporaryFolder()
            let output = folder("run")
            try FileManager.default.createDirectory(atPath: output, withIntermediateDirectories: true)
            #expect(mkfifo("\(output)/log.txt", 0o600) == 0)
            let options = ["--stall-warning=1", "--stall-timeout=3"]
            let result = try AAM.run(AAM.training(into: output, options), ranks: 2)
            let banner = try Banner(result, ranks: 2)
            #expect(banner.what.hasPrefix("no progress on rank 0 "))
            #expect(banner.what.hasSuffix(" s: open the log"))
            #expect(result.stderr.contains("rank 1: allreduce of 1"))
            #expect(result.stderr.contains("warning: no progress on rank 0 "))
            #expect(result.status == 201)
        }
    }
}
