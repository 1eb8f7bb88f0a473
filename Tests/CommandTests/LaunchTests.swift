import Foundation
import TestSupport
import Testing

extension Command {
    /// Attempts on this host, by mpirun itself or by a script in its place.
    @Suite struct Launch {
        private static let root = ["OMPI_ALLOW_RUN_AS_ROOT": "1", "OMPI_ALLOW_RUN_AS_ROOT_CONFIRM": "1"]

        /// A program that is called as mpirun is, and gets the number of the attempt as `$attempt`.
        private func mpirun(_ folder: TemporaryFolder, _ body: String) throws -> String {
            let lines = """
                attempt=$(($(cat '\(folder("count"))' 2>/dev/null || echo 0) + 1))
                echo $attempt >'\(folder("count"))'
                printf '%s\\n' "$*" >>'\(folder("calls"))'
                """
            return "sh \(try folder.write("mpirun", "\(lines)\n\(body)\n"))"
        }

        private func launch(_ options: [String], _ command: [String]) throws -> CommandResult {
            try AAM.run(["launch", "--restart-delay=0"] + options + ["--"] + command, environment: Self.root)
        }

        private func attempts(_ path: String) throws -> [[String]] {
            let lines = try text(of: path).split(separator: "\n")
            #expect(lines.first == "attempt,start,seconds,ranks,hosts,from_step,exit_code,end,cause")
            return lines.dropFirst().map { line in
                line.split(separator: ",", omittingEmptySubsequences: false).map(String.init)
            }
        }

        @Test func retryableEndIsTriedAgainFromTheLatestCheckpoint() throws {
            let folder = try TemporaryFolder()
            let run = folder("run")
            try FileManager.default.createDirectory(atPath: run, withIntermediateDirectories: true)
            let script = try mpirun(
                folder,
                """
                [ $attempt -lt 3 ] || exit 0
                cp -r '\(Birds.run)/checkpoint-4' '\(run)/checkpoint-4'
                ln -sfn checkpoint-4 '\(run)/latest'
                exit $((136 + attempt))
                """)
            let hosts = try folder.write("hosts", "localhost slots=2 # here\n127.0.0.1 slots=1\n")
            let command = AAM.training(into: run, ["--resume=never"])
            let options = ["--hostfile=\(hosts)", "--max-restarts=5", "--mpirun=\(script) --bind-to 'none at all'"]
            let result = try launch(options, command)
            #expect(result.status == 0, "\(result.stderr)")
            for line in [
                "launch: attempt 1 of 6: 3 ranks on localhost 127.0.0.1\n",
                "launch: attempt 2 of 6: 3 ranks on localhost 127.0.0.1, from checkpoint-4\n",
                " s with exit code 137\n", " s with exit code 0\n",
            ] { #expect(result.stderr.contains(line), "\(result.stderr)") }
            // What was given holds until there is a checkpoint of this launch.
            let calls = try text(of: folder("calls")).split(separator: "\n")
            #expect(calls.count == 3)
            let program = "\(try builtProduct("aam")) \(command.joined(separator: " "))"
            #expect(calls.allSatisfy { $0.hasPrefix("--bind-to none at all -n 3 --hostfile /") }, "\(calls)")
            #expect(calls[0].hasSuffix(" \(program)"), "\(calls)")
            #expect(calls[1...].allSatisfy { $0.hasSuffix(" \(program) --resume=auto") }, "\(calls)")
            let attempts = try attempts("\(run)/attempts.csv")
            #expect(attempts.map { $0[0] } == ["1", "2", "3"])
            #expect(
                attempts.map { $0[3...7].joined(separator: ",") } == [
                    "3,localhost 127.0.0.1,,137,retryable", "3,localhost 127.0.0.1,4,138,retryable",
                    "3,localhost 127.0.0.1,4,0,done",
                ])
        }

        @Test func restartsAreCountedAndTheLastCodeIsTheEnd() throws {
            let folder = try TemporaryFolder()
            let options = [
                "--mpirun=\(try mpirun(folder, "exit $((200 + attempt))"))", "--max-restarts=2", "--ranks=2",
                "--log=\(folder("log.csv"))",
            ]
            let result = try launch(options, ["evaluate", "--checkpoint=a", "--data=b"])
            #expect(result.status == 203)
            #expect(result.stderr.hasSuffix("launch: given up after 3 attempts\n"), "\(result.stderr)")
            #expect(try attempts(folder("log.csv")).map { $0[6] } == ["201", "202", "203"])
            let program = try builtProduct("aam")
            let call = "-n 2 \(program) evaluate --checkpoint=a --data=b\n"
            #expect(try text(of: folder("calls")) == call + call + call)
        }

        @Test func runThatHadComeToItsEndIsNotStartedAgain() throws {
            let folder = try TemporaryFolder()
            let copy = try mpirun(folder, "cp -r '\(Birds.run)/.' '\(folder("run"))'; exit 137")
            let options = ["--mpirun=\(copy)", "--ranks=1"]
            let result = try launch(options, AAM.training(into: folder("run")))
            #expect(result.status == 0)
            #expect(result.stderr.hasSuffix("launch: the job had done its work before it ended\n"), "\(result.stderr)")
            #expect(try text(of: folder("count")) == "1\n")
        }

        @Test func jobThatHangsAfterItsFailureIsEndedWithAllItLeaves() throws {
            let folder = try TemporaryFolder()
            let hang = """
                [ $attempt = 1 ] || exit 0
                trap '' TERM
                echo '| aam: failed on host a' >&2
                echo '|   what:  a fault' >&2
                setsid sh -c 'trap "" TERM; echo $$ >"\(folder("left"))"; while :; do sleep 0.1; done' &
                while :; do sleep 0.1; done
                """
            let options = ["--mpirun=\(try mpirun(folder, hang))", "--grace=0.5", "--log=\(folder("log.csv"))"]
            let result = try launch(options, AAM.training(into: folder("run")))
            #expect(result.status == 0, "\(result.stderr)")
            let first = try #require(try attempts(folder("log.csv")).first)
            #expect(first[6...] == ["137", "retryable", "host a: a fault; mpirun did not end"])
            let left = try #require(pid_t(try text(of: folder("left")).trimmingCharacters(in: .newlines)))
            #expect(kill(left, 0) != 0, "process \(left) is still there")
        }

        @Test func failureThatStaysIsNotTriedAgain() throws {
            let folder = try TemporaryFolder()
            let arguments = AAM.training(on: folder("none"), into: folder("run"))
            let result = try launch(["--ranks=2", "--mpirun=mpirun --oversubscribe"], arguments)
            #expect(result.status == 1)
            let banner = try Banner(result, ranks: 2)
            #expect(!result.stderr.contains("attempt 2"), "\(result.stderr)")
            let attempts = try attempts("\(folder("run"))/attempts.csv")
            #expect(attempts.count == 1)
            #expect(attempts[0][6...7] == ["1", "failed"])
            #expect(attempts[0][8...].joined(separator: ",").contains(banner.what))
        }

        @Test(arguments: [SIGTERM, SIGINT, SIGUSR1])
        func signalStopsWithACheckpointAndIsNotTriedAgain(signal: Int32) throws {
            let folder = try TemporaryFolder()
            let run = folder("run")
            let command = AAM.training(into: run, ["--epochs=1000"])
            let job = try RunUnderWay(
                ["launch", "--ranks=2", "--mpirun=mpirun --oversubscribe --bind-to none", "--"] + command, folder: run,
                ranks: nil, environment: Self.root)
            try job.wait(forStep: 2)
            kill(job.command.process, SIGUSR2)
            try job.wait { try job.command.output.stdout.contains("status: ") }
            kill(job.command.process, signal)
            let result = try job.command.result()
            #expect(result.status == 128 + SIGUSR1)
            let last = try #require(try Metrics(run).steps.last).step
            #expect(result.stdout.contains("stopped by SIGUSR1 after step \(last): \(run)/checkpoint-\(last); "))
            #expect(!result.stderr.contains("attempt 2"), "\(result.stderr)")
            #expect(try attempts("\(run)/attempts.csv").map { $0[7] } == ["stopped"])
        }

        /// mpirun itself has no ranks then to pass a signal on to.
        @Test func signalBeforeTheJobHasBegunEndsMPIRun() throws {
            let folder = try TemporaryFolder()
            let script = try mpirun(
                folder, "trap '' USR1; trap 'exit 1' TERM; echo up >&2; while :; do sleep 0.1; done")
            let job = try RunUnderWay(
                ["launch", "--mpirun=\(script)", "--"] + AAM.training(into: folder("run")), folder: folder("run"),
                ranks: nil)
            try job.wait { try job.command.output.stderr.contains("up\n") }
            kill(job.command.process, SIGUSR1)
            let result = try job.command.result()
            #expect(result.status == 128 + SIGUSR1)
            #expect(try attempts("\(folder("run"))/attempts.csv").map { Array($0[6...7]) } == [["1", "stopped"]])
        }

        @Test func signalBetweenAttemptsEndsTheLaunch() throws {
            let folder = try TemporaryFolder()
            let script = try mpirun(folder, "exit 137")
            let job = try RunUnderWay(
                ["launch", "--mpirun=\(script)", "--restart-delay=60", "--"] + AAM.training(into: folder("run")),
                folder: folder("run"), ranks: nil)
            try job.wait { try job.command.output.stderr.contains("attempt 2 starts in 60 s") }
            kill(job.command.process, SIGTERM)
            let result = try job.command.result()
            #expect(result.status == 128 + SIGTERM)
            #expect(try text(of: folder("count")) == "1\n")
        }

        @Test func launchThatIsKilledEndsItsMPIRun() throws {
            let folder = try TemporaryFolder()
            let script = try mpirun(
                folder, "trap 'touch \(folder("asked")); exit' TERM; touch \(folder("up")); while :; do sleep 0.1; done"
            )
            let job = try RunUnderWay(
                ["launch", "--mpirun=\(script)", "--"] + AAM.training(into: folder("run")), folder: folder("run"),
                ranks: nil)
            try job.wait { exists(folder("up")) }
            kill(job.command.process, SIGKILL)
            #expect(try job.command.result().status == 128 + SIGKILL)
            let deadline = Date() + 30
            while !exists(folder("asked")), Date() < deadline { usleep(5000) }
            #expect(exists(folder("asked")))
        }

        @Test(
            arguments: [
                ([], [], "There is nothing to launch: give a command after --"),
                (["--max-restarts=-1"], ["train"], "--max-restarts is at least 0, not -1."),
                ([], ["train", "--epochs=0"], "aam train --epochs=0: --epochs is at least 1, not 0."),
                ([], ["launch", "--", "train"], "aam launch does not start itself."),
                (["--mpirun=mpirun -np 4"], ["train"], "--mpirun has -np: give hosts by --hostfile"),
                (["--mpirun=mpirun 'a"], ["train"], "a quotation is not closed in: mpirun 'a"),
                (["--hostfile=HOSTS", "--ranks=4"], ["train"], "--ranks 4 is more than the hosts' 3 slots."),
                (["--hostfile=HOSTS", "--min-ranks=4"], ["train"], "--min-ranks 4 is more than the 3 ranks."),
                (["--min-ranks=4"], ["train"], "--min-ranks 4 needs a --hostfile, or --ranks 4 or more."),
                (
                    ["--hostfile=HOSTS"], ["train", "--batch-size-per-rank=8"],
                    "give --batch-size 24, or to launch --min-ranks 3."
                ),
                (["--hostfile=none"], ["train"], "cannot read none: No such file or directory"),
                (["--mpirun=no-such-mpirun"], ["train"], "cannot start no-such-mpirun: No such file or directory"),
            ] as [([String], [String], String)])
        func mistakeIsToldBeforeTheFirstAttempt(options: [String], command: [String], message: String) throws {
            let folder = try TemporaryFolder()
            let hosts = try folder.write("hosts", "localhost slots=2\n127.0.0.1 slots=1\n")
            let result = try launch(options.map { $0.replacing("HOSTS", with: hosts) }, command)
            #expect([1, 64].contains(result.status))
            #expect(result.stderr.contains(message), "\(result.stderr)")
        }
    }
}
