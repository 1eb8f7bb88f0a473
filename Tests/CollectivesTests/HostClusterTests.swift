import Foundation
import TestSupport
import Testing

/// `deploy/netns/cluster` leaves nothing behind.
@Suite(.serialized, .timeLimit(.minutes(2)), .enabled(if: HostCluster.isAvailable, "making hosts needs root"))
struct HostClusterTests {
    private let name = "test\(UUID().uuidString.prefix(8))"

    private func cluster(_ arguments: String...) throws -> CommandResult {
        try runCommand(HostCluster.script, arguments: arguments)
    }

    private func leftovers() throws -> [String] {
        let states = (try? FileManager.default.contentsOfDirectory(atPath: "/run/aam-netns")) ?? []
        let namespaces = (try? FileManager.default.contentsOfDirectory(atPath: "/run/netns")) ?? []
        return (states + namespaces).filter { $0.hasPrefix(name) }
    }

    /// A process that has ended stays in sight until its parent asks for its status.
    private func isAlive(_ process: pid_t) -> Bool {
        let status = (try? String(contentsOfFile: "/proc/\(process)/status", encoding: .utf8)) ?? ""
        return !status.isEmpty && !status.contains("State:\tZ")
    }

    /// A run of a command that does not end, once this is at work on the host.
    private func endlessRun(_ command: String = "sleep 1000") throws -> (run: RunningCommand, sleeper: pid_t) {
        let run = try RunningCommand(
            HostCluster.script,
            arguments: ["run", "--name", name, "--", "bash", "-c", "\(command) & echo $! >/tmp/\(name); wait; wait"])
        let file = "/tmp/\(name)"
        defer { try? FileManager.default.removeItem(atPath: file) }
        let deadline = Date() + 30
        var text = ""
        while !text.hasSuffix("\n"), Date() < deadline {
            usleep(10_000)
            text = (try? String(contentsOfFile: file, encoding: .utf8)) ?? ""
        }
        return (run, try #require(pid_t(text.dropLast()), "the command did not start on node1"))
    }

    @Test func runEndsWithTheCommandsCodeAndRemovesItsHosts() throws {
        let script = "cat /proc/sys/kernel/hostname; ls /sys/class/net; exit 7"
        let result = try cluster("run", "--name", name, "--hosts", "2", "--", "bash", "-c", script)
        #expect(result.status == 7)
        #expect(result.stdout.split(separator: "\n") == ["node1", "eth0", "lo"], "\(result)")
        #expect(result.stderr == "")
        #expect(try leftovers() == [])
    }

    /// While `ip netns add` is at work, what it makes is a plain file.
    @Test func whatOthersAreJustMakingIsNoConcern() throws {
        let others = "/run/netns/\(name)other"
        try #require(FileManager.default.createFile(atPath: others, contents: nil))
        let result = try cluster("run", "--name", name, "--", "true")
        try FileManager.default.removeItem(atPath: others)
        #expect(result.status == 0)
        #expect(result.stderr == "")
        #expect(try leftovers() == [])
    }

    @Test(arguments: [SIGINT, SIGTERM, SIGHUP]) func signalEndsTheCommandAndRemovesTheHosts(signal: Int32) throws {
        let (run, sleeper) = try endlessRun()
        kill(run.process, signal)
        #expect(try run.result().status == 128 + signal)
        #expect(!isAlive(sleeper))
        #expect(try leftovers() == [])
    }

    @Test func secondSignalEndsACommandThatIgnoresTheFirst() throws {
        let (run, sleeper) = try endlessRun("trap '' TERM; sleep 1000")
        kill(run.process, SIGTERM)
        usleep(200_000)
        #expect(isAlive(sleeper))
        kill(run.process, SIGTERM)
        #expect(try run.result().status == 128 + SIGTERM)
        #expect(!isAlive(sleeper))
        #expect(try leftovers() == [])
    }

    @Test func killedRunIsCleanedUpAfter() throws {
        let (run, sleeper) = try endlessRun()
        kill(run.process, SIGKILL)
        #expect(try run.result().status == 128 + SIGKILL)
        let deadline = Date() + 20
        while try isAlive(sleeper) || leftovers() != [], Date() < deadline { usleep(20_000) }
        #expect(!isAlive(sleeper))
        #expect(try leftovers() == [])
    }

    @Test func nextCommandRemovesWhatAKilledRunAndItsGuardLeft() throws {
        let (run, sleeper) = try endlessRun()
        let processes = try FileManager.default.contentsOfDirectory(atPath: "/proc").compactMap { pid_t($0) }
        let guards = processes.filter { process in
            let words = try? String(contentsOfFile: "/proc/\(process)/cmdline", encoding: .utf8)
            return words?.contains("/cluster\0guard\0--name\0\(name)\0") == true
        }
        kill(try #require(guards.first), SIGKILL)
        kill(run.process, SIGKILL)
        #expect(try run.result().status == 128 + SIGKILL)
        #expect(try leftovers() != [])
        #expect(try cluster("run", "--", "true").status == 0)
        #expect(!isAlive(sleeper))
        #expect(try leftovers() == [])
    }

    @Test func mistakesAreExplainedAndMakeNothing() throws {
        let mistakes: [(arguments: [String], status: Int32, words: String)] = [
            (["up", "--hosts", "none"], 64, "--hosts none is not a number from 1 to 254"),
            (["up", "--slots", "2,,1"], 64, "--slots 2,,1 is not a list of numbers"),
            (["up", "--rate", "fast"], 64, "--rate fast is no rate such as 100mbit or 1gbit"),
            (["up", "--delay", "long"], 64, "--delay long is no time such as 0.2ms or 50us"),
            (["down", "--color"], 64, "unknown argument --color; see --help"),
            (["on", "node1", "true"], 68, "there is no node1 in cluster \(name); is it up?"),
        ]
        for mistake in mistakes {
            let result = try runCommand(
                HostCluster.script, arguments: mistake.arguments, environment: ["AAM_CLUSTER": name])
            #expect(result.status == mistake.status)
            #expect(result.stderr == "deploy/netns/cluster: \(mistake.words)\n")
            #expect(try leftovers() == [])
        }
    }
}
