import Foundation
import TestSupport
import Testing

extension Command {
    /// What signals do to a run.
    @Suite struct Signals {
        struct Case: CustomTestStringConvertible {
            let signal: Int32
            let name: String
            let ranks: Int?

            var testDescription: String { "\(name), \(ranks.map { "\($0) ranks" } ?? "alone")" }
        }

        static let cases = [
            Case(signal: SIGUSR1, name: "SIGUSR1", ranks: nil), Case(signal: SIGTERM, name: "SIGTERM", ranks: nil),
            Case(signal: SIGINT, name: "SIGINT", ranks: nil), Case(signal: SIGUSR1, name: "SIGUSR1", ranks: 2),
        ]

        /// mpirun passes SIGUSR1 on; SIGINT and SIGTERM it takes for itself.
        @Test(arguments: cases) func stoppedRunContinuesBitForBit(test: Case) throws {
            let folder = try TemporaryFolder()
            let options = ["--batch-size=4", "--epochs=3"]
            let (whole, stopped) = (folder("whole"), folder("stopped"))
            try AAM.succeed(AAM.training(into: whole, options), ranks: test.ranks)

            let arguments = AAM.training(into: stopped, options)
            let run = try RunUnderWay(arguments, folder: stopped, ranks: test.ranks)
            try run.wait(forStep: 3)
            kill(run.command.process, test.signal)
            let result = try run.command.result()
            #expect(result.status == 128 + test.signal)
            #expect(!result.stderr.contains("| aam: "), "\(result.stderr)")
            let last = try #require(try Metrics(stopped).steps.last).step
            #expect(last < 24)
            #expect(
                result.stdout.contains(
                    "stopped by \(test.name) after step \(last): \(stopped)/checkpoint-\(last); the same command with "
                        + "--resume auto goes on from there\n"), "\(result.stdout)")

            let resumed = try AAM.succeed(arguments + ["--resume=auto"], ranks: test.ranks)
            #expect(resumed.stdout.contains("\nresumed from \(stopped)/checkpoint-\(last): "))
            let (after, expected) = (try Metrics(stopped), try Metrics(whole))
            #expect(after.losses == expected.losses)
            #expect(after.validations == expected.validations)
            #expect(after.kinds == expected.kinds)
            try expectSameCheckpoint("\(stopped)/checkpoint-24", "\(whole)/checkpoint-24")
        }

        @Test func oneRanksSignalStopsAllAfterTheSameStep() throws {
            let folder = try TemporaryFolder()
            let arguments = AAM.training(into: folder("run"), ["--batch-size=4", "--epochs=50"])
            let run = try RunUnderWay(arguments, folder: folder("run"), ranks: 3)
            try run.wait(forStep: 3)
            kill(run.processes[2], SIGTERM)
            let result = try run.command.result()
            #expect(result.status == 128 + SIGTERM)
            let last = try #require(try Metrics(folder("run")).steps.last).step
            #expect(result.stdout.contains("stopped by SIGTERM after step \(last): "))
            #expect(exists("\(folder("run"))/checkpoint-\(last)/state.json"))
        }

        /// Open MPI kills the ranks a second after their SIGTERM.
        @Test(arguments: [SIGTERM, SIGINT]) func mpirunThatIsToldToEndIsNoFailureOfARank(signal: Int32) throws {
            let folder = try TemporaryFolder()
            let run = try RunUnderWay(
                AAM.training(into: folder("run"), ["--epochs=1000"]), folder: folder("run"), ranks: 3)
            try run.wait(forStep: 3)
            kill(run.command.process, signal)
            let result = try run.command.result()
            #expect(result.status == 1)
            #expect(!result.stderr.contains("| aam: "), "\(result.stderr)")
        }

        /// A file that nobody reads holds the run up before its first step, where it would look at a signal.
        @Test func secondSignalEndsAtOnce() throws {
            let folder = try TemporaryFolder()
            let output = folder("run")
            try FileManager.default.createDirectory(atPath: output, withIntermediateDirectories: true)
            #expect(mkfifo("\(output)/log.txt", 0o600) == 0)
            let run = try RunUnderWay(AAM.training(into: output), folder: output, ranks: nil)
            try run.wait { try isCaught(SIGTERM, by: run.command.process) }
            kill(run.command.process, SIGUSR1)
            try run.wait { try run.command.output.stdout.contains("SIGUSR1: stopping as soon as all ranks can") }
            usleep(700_000)
            #expect(run.command.isRunning)
            kill(run.command.process, SIGTERM)
            let result = try run.command.result()
            #expect(result.status == 128 + SIGTERM)
            #expect(result.stderr.hasPrefix("ended at once by a second signal: no step done; "), "\(result.stderr)")
        }

        /// From the mask of caught signals that the kernel shows.
        private func isCaught(_ signal: Int32, by process: pid_t) throws -> Bool {
            let status = try text(of: "/proc/\(process)/status")
            guard let mask = status.firstMatch(of: #/SigCgt:\t([0-9a-f]+)/#).flatMap({ UInt64($0.1, radix: 16) }) else {
                return false
            }
            return mask >> UInt64(signal - 1) & 1 == 1
        }

        @Test(arguments: aloneAndTwoRanks) func statusIsPrintedAndTheRunGoesOn(ranks: Int?) throws {
            let folder = try TemporaryFolder()
            let output = folder("run")
            let run = try RunUnderWay(
                AAM.training(into: output, ["--batch-size=4", "--epochs=4"]), folder: output, ranks: ranks)
            try run.wait(forStep: 5)
            kill(run.command.process, SIGUSR2)
            let result = try run.command.result()
            #expect(result.status == 0)
            let lines = result.stdout.split(separator: "\n").filter { $0.hasPrefix("status: ") }
            #expect(lines.count == 1, "\(result.stdout)")
            let words = #/status: \d+ of 32 steps done, in epoch \d of 4, log in .*\/run\/log.txt.*/#
            #expect(lines.first?.wholeMatch(of: words) != nil, "\(lines)")
        }
    }
}
