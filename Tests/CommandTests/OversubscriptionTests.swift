import Foundation
import Testing

extension Command {
    /// More threads than cores.
    @Suite struct Oversubscription {
        private let cores = ProcessInfo.processInfo.activeProcessorCount

        private func warnings(_ output: String) -> [Substring] {
            output.split(separator: "\n").filter { $0.contains("which slows every step") }
        }

        @Test func isToldOnceInTheLog() throws {
            let folder = try TemporaryFolder()
            let options = ["--epochs=1", "--threads=\(cores)"]
            let result = try AAM.succeed(AAM.training(into: folder("run"), options), ranks: 2)
            let lines = warnings(result.stdout)
            try #require(lines.count == 1, "\(result.stdout)")
            #expect(
                lines[0].contains(", 2 ranks compute with \(2 * cores) threads in all on \(cores) core"), "\(lines[0])")
            #expect(lines[0].hasPrefix("warning: on "))
            #expect(warnings(try text(of: "\(folder("run"))/log.txt")).count == 1)
        }

        @Test func isToldByAnEvaluationToo() throws {
            let arguments = AAM.evaluation(of: Birds.run).filter { !$0.hasPrefix("--threads") }
            let result = try AAM.run(arguments + ["--threads=\(cores + 1)"])
            #expect(result.status == 0)
            #expect(warnings(result.stderr).count == 1, "\(result.stderr)")
        }

        @Test func ranksThatShareTheCoresFairlyAreNotWarned() throws {
            let folder = try TemporaryFolder()
            let arguments = AAM.training(into: folder("run"), ["--epochs=1", "--threads=0"])
            #expect(warnings(try AAM.succeed(arguments, ranks: min(2, cores)).stdout) == [])
        }
    }
}
