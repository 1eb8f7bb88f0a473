import Foundation
import TestSupport
import Testing

struct CommandRunnerTests {
    @Test func outputAndStatusAreReturned() throws {
        let result = try runCommand(
            "/bin/sh", arguments: ["-c", "echo out $NAME; echo err >&2; exit 3"], environment: ["NAME": "x"])
        #expect(result.status == 3)
        #expect(result.stdout == "out x\n")
        #expect(result.stderr == "err\n")
    }

    @Test func muchOutputDoesNotBlock() throws {
        let result = try runCommand(
            "/bin/sh", arguments: ["-c", "head -c 3000000 /dev/zero | tr '\\0' a; head -c 3000000 /dev/zero >&2"])
        #expect(result.status == 0)
        #expect(result.stdout.utf8.count == 3_000_000)
        #expect(result.stderr.utf8.count == 3_000_000)
    }

    @Test func signalsShowInTheStatus() throws {
        #expect(try runCommand("/bin/sh", arguments: ["-c", "kill -9 $$"]).status == 137)
    }

    @Test func timeoutEndsTheWholeGroup() throws {
        let started = Date()
        let error = #expect(throws: CommandError.self) {
            try runCommand("/bin/sh", arguments: ["-c", "sleep 300 & echo $!; wait"], timeout: 1)
        }
        #expect(Date().timeIntervalSince(started) < 20)
        let message = try #require(error).description
        #expect(message.contains("did not end within 1.0 s"))
        let child = try #require(message.split(separator: "\n").compactMap { pid_t($0) }.first)
        // Ended, or waiting for whoever reaps orphans.
        usleep(100_000)
        let state = try? String(contentsOfFile: "/proc/\(child)/stat", encoding: .utf8)
        #expect(state == nil || state?.contains(") Z ") == true, "the child still runs: \(state ?? "")")
    }

    @Test func missingExecutableIsReported() {
        let error = #expect(throws: CommandError.self) { try runCommand("/nowhere/program") }
        #expect(error?.description == "cannot start /nowhere/program: No such file or directory")
    }
}
