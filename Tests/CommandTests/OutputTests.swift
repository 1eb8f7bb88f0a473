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
            let folder, run: String?
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
        @Test(
            .enabled(if: FileManager.default.isExecutableFile(atPath: "/usr/bin/script")),
            arguments: [
                "AAM", "mpirun --oversubscribe -n 2 AAM", "AAM launch --ranks 2 --mpirun 'mpirun --oversubscribe' --",
            ])
        func terminalGetsABarAPhaseAndNoColorsWithNO_COLOR(start: String) throws {
            let folder = try TemporaryFolder()
            let launcher = start.replacing("AAM", with: try builtProduct("aam"))
            func show(_ run: String, environment: [String: String]) throws -> String {
                let arguments = AAM.training(into: folder(run), ["--epochs=1"]).joined(separator: " ")
                let line = "stty cols 100; \(launcher) \(arguments)"
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

        @Test(.enabled(if: FileManager.default.isExecutableFile(atPath: "/usr/bin/script")))
        func otherCommandsShowHowFarTheyAreToo() throws {
            let folder = try TemporaryFolder()
            func show(_ arguments: [String]) throws -> String {
                let line = "stty cols 100; " + ([try builtProduct("aam")] + arguments).joined(separator: " ")
                let result = try runCommand(
                    "/usr/bin/script", arguments: ["-qec", line, "/dev/null"], environment: ["TERM": "xterm"])
                #expect(result.status == 0)
                return result.stdout
            }
            #expect(try show(["inspect", "--data", Birds.folder]).contains("\rinspect   ["))
            let painted = try show(["synthesize", "--output", folder("birds"), "--classes=2", "--train-images=2"])
            #expect(painted.contains("\rpaint     ["))
            let training = AAM.training(into: folder("table"), ["--epochs=1"]).dropFirst()
            let table = try show(["ablate", "--attention=none", "--seeds=1"] + training)
            #expect(table.contains("\rnone-seed1: train     [") && table.contains("| none | 1 |"))
        }

        @Test func ablationSaysAsMuchAsIsWantedInTheWantedFormat() throws {
            let folder = try TemporaryFolder()
            func lines(_ options: String...) throws -> [String] {
                let training = AAM.training(into: folder(options[0]), ["--epochs=1"]).dropFirst()
                let result = try AAM.succeed(["ablate", "--attention=none", "--seeds=1,2"] + training + options)
                return result.stdout.split(separator: "\n").map(String.init)
            }
            let quiet = try lines("--quiet").filter { !$0.contains("warning: ") }
            #expect(quiet.allSatisfy { $0.hasPrefix("none-seed") || $0.hasPrefix("| ") }, "\(quiet)")
            #expect(!quiet.contains { $0.contains("epoch 1/1") } && quiet.last?.hasPrefix("| none | 2 |") == true)
            let objects = try lines("--log-format=json").map {
                try JSONDecoder().decode(Event.self, from: Data($0.utf8))
            }
            #expect(objects.filter { $0.event == "finished" }.map(\.run) == ["none-seed1", "none-seed2"])
            #expect(objects.last?.event == "comparison" && objects.last?.folder == folder("--log-format=json"))
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

        /// The subcommands that a command's help lists.
        private func subcommands(in help: String) -> [String] {
            guard let list = help.range(of: "\nSUBCOMMANDS:\n") else { return [] }
            return help[list.upperBound...].matches(of: #/(?m)^  ([a-z-]+)/#).map { String($0.1) }
        }

        /// Every command's help has a command line to start from.
        @Test func helpHasExamples() throws {
            var rest: [[String]] = [[]]
            var seen = 0
            while let command = rest.popLast() {
                let help = try AAM.succeed(command + ["--help"]).stdout
                let usage = try #require(help.range(of: "\nUSAGE: "))
                let example = (["aam"] + command).joined(separator: " ")
                let lines = help[..<usage.lowerBound].split(separator: "\n").filter { $0.hasPrefix("  ") }
                #expect(lines.contains { $0.contains(example) }, "\(help)")
                seen += 1
                rest += subcommands(in: help).filter { $0 != "help" }.map { command + [$0] }
            }
            #expect(seen >= 14)
        }

        /// What bash completes the last word to, with the files of the project.
        private func completions(_ words: [String]) throws -> [String] {
            let program = """
                PATH=$1:$PATH; shift
                . <(aam --generate-completion-script bash)
                COMP_WORDS=("$@"); COMP_CWORD=$(($# - 1)); COMP_LINE="$*"; COMP_POINT=${#COMP_LINE}
                _aam aam "${COMP_WORDS[COMP_CWORD]}" "${COMP_WORDS[COMP_CWORD - 1]}"
                printf '%s\\n' "${COMPREPLY[@]}"
                """
            let folder = URL(filePath: try builtProduct("aam")).deletingLastPathComponent().path
            let result = try runCommand("/bin/bash", arguments: ["-c", program, "bash", folder] + words)
            #expect(result.status == 0, "\(result.stderr)")
            return result.stdout.split(separator: "\n").map { $0.trimmingCharacters(in: .whitespaces) }
        }

        @Test func bashCompletesNamesValuesAndFolders() throws {
            #expect(try completions(["aam", "tr"]) == ["train"])
            #expect(try completions(["aam", "benchmark", "ker"]) == ["kernels"])
            #expect(try completions(["aam", "train", "--checkpoint-m"]) == ["--checkpoint-minutes"])
            #expect(try completions(["aam", "train", "--dataset", "c"]).sorted() == ["cars", "cub"])
            let folder = URL(filePath: Birds.folder)
            let start = folder.deletingLastPathComponent().path + "/bir"
            #expect(try completions(["aam", "train", "--data", start]) == [folder.path])
            #expect(try completions(["aam", "evaluate", "--checkpoint", start]) == [folder.path])
            let list = "\(folder.path)/images.t"
            #expect(try completions(["aam", "train", "--config", list]) == ["\(folder.path)/images.txt"])
        }

        @Test(arguments: ["bash", "zsh", "fish"]) func shellsGetCompletions(shell: String) throws {
            let result = try AAM.succeed(["--generate-completion-script", shell])
            #expect(result.stdout.contains("checkpoint-every") && result.stdout.contains("evaluate"))
        }
    }
}
