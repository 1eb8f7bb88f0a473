import Foundation
import TestSupport
import Testing

extension Command {
    /// What a run shows.
    @Suite struct Output {
        @Test func quietRunShowsOnlyWarningsAndTheEnd() throws {
            let folder = try TemporaryFolder()
            let result = try AAM.succeed(AAM.training(into: folder("run"), ["--quiet", "--epochs=1"]))
            let lines = result.stdout.split(separator: "\n").filter { !$0.hasPrefix("warning: ") }
            #expect(lines.first?.hasPrefix("finished 4 steps in ") == true)
            #expect(lines.dropFirst().allSatisfy { $0.hasPrefix("  ") })
            #expect(try text(of: folder("run/log.txt")).contains(" epoch 1/1  validation  top-1 "))
        }

        @Test func verboseRunShowsEachStepAndTheChoices() throws {
            let folder = try TemporaryFolder()
            let result = try AAM.succeed(AAM.training(into: folder("run"), ["-v", "--epochs=1", "--log-every=1000"]))
            for step in 1...4 { #expect(result.stdout.contains("\nepoch 1/1  step \(step)/4  loss ")) }
            #expect(result.stdout.contains("\n--batch-size 8\n"))
        }

        private struct Event: Decodable {
            let event: String
            let loss, top1: Double?
            let folder: String?
        }

        private func events(_ result: CommandResult) throws -> [Event] {
            try result.stdout.split(separator: "\n").map { try JSONDecoder().decode(Event.self, from: Data($0.utf8)) }
        }

        @Test func linesOfJSONAreObjects() throws {
            let folder = try TemporaryFolder()
            let options = ["--log-format=json", "--epochs=1", "--log-every=1"]
            let run = try events(try AAM.succeed(AAM.training(into: folder("run"), options), ranks: 2))
            let metrics = try Metrics(folder("run"))
            #expect(run.filter { $0.event == "step" }.map(\.loss) == metrics.steps.map(\.loss))
            #expect(run.last?.event == "finished")
            #expect(run.last?.folder == folder("run"))
            let evaluation = try events(try AAM.succeed(AAM.evaluation(of: folder("run"), ["--log-format=json"])))
            #expect(evaluation.first { $0.event == "evaluation" }?.top1 == metrics.validations[0].top1)
        }

        /// `script` (Debian: bsdutils) runs a command on a terminal of its own.
        @Test(.enabled(if: FileManager.default.isExecutableFile(atPath: "/usr/bin/script")), arguments: [nil, 2])
        func terminalGetsABarAPhaseAndNoColorsWithNO_COLOR(ranks: Int?) throws {
            let folder = try TemporaryFolder()
            let launcher = ranks.map { "mpirun --oversubscribe -n \($0) " } ?? ""
            func show(_ run: String, environment: [String: String]) throws -> String {
                let arguments = AAM.training(into: folder(run), ["--epochs=1"]).joined(separator: " ")
                let line = "stty cols 100; \(launcher)\(try builtProduct("aam")) \(arguments)"
                let result = try runCommand(
                    "/usr/bin/script", arguments: ["-qec", line, "/dev/null"],
                    environment: environment.merging(["TERM": "xterm"]) { $1 })
                #expect(result.status == 0)
                return result.stdout
            }
            let colored = try show("colored", environment: ["NO_COLOR": ""])
            for bar in ["prepare   [", "train     [", "validate  ["] {
                #expect(colored.contains("\r\(bar)"), "\(bar)")
            }
            #expect(colored.contains("\u{1b}[1mfinished 4 steps"))
            let plain = try show("plain", environment: ["NO_COLOR": "1"])
            #expect(plain.contains("\rvalidate  [") && !plain.contains("\u{1b}[1m") && !plain.contains("\u{1b}[3"))
        }

        @Test func mpirunThatWritesToAFileGetsPlainLines() throws {
            let folder = try TemporaryFolder()
            let result = try AAM.succeed(AAM.training(into: folder("run"), ["--epochs=1"]), ranks: 2)
            #expect(!result.stdout.contains("\u{1b}") && !result.stdout.contains("["))
        }

        @Test(arguments: [
            (["train", "--dataset=cubs"], "Did you mean 'cub'?"),
            (["train", "--attention=amm"], "Did you mean 'aam'?"),
            (["trian"], "Did you mean 'train'?"), (["benchmark", "stpe"], "Did you mean 'step'?"),
            (["train", "--datset=cub"], "Did you mean '--dataset'?"),
        ])
        func mistypedNameIsRecognized(arguments: [String], question: String) throws {
            let result = try AAM.run(arguments)
            #expect(result.status == 64)
            #expect(result.stderr.split(separator: "\n").first?.contains(question) == true, "\(result.stderr)")
        }

        @Test func otherWordIsNoMistypedName() throws {
            #expect(try !AAM.run(["train", "--dataset=imagenet"]).stderr.contains("Did you mean"))
        }

        @Test(arguments: ["bash", "zsh", "fish"]) func shellsGetCompletions(shell: String) throws {
            let result = try AAM.succeed(["--generate-completion-script", shell])
            #expect(result.stdout.contains("checkpoint-every") && result.stdout.contains("evaluate"))
        }
    }
}
