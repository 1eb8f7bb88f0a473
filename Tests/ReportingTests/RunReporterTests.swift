import Foundation
import Reporting
import TestSupport
import Testing
import Training

struct RunReporterTests {
    private let folder: TemporaryFolder
    private let configuration: TrainingConfiguration

    init() throws {
        folder = try TemporaryFolder()
        var configuration = TrainingConfiguration(data: "birds", output: folder.path)
        configuration.logEvery = 5
        self.configuration = configuration
    }

    @Test func attemptThatDoesNotStartLeavesTheEarlierRunsFiles() throws {
        for name in ["config.toml", "metrics.csv"] {
            try "earlier\n".write(toFile: folder(name), atomically: false, encoding: .utf8)
        }
        try RunReporter(configuration).note("RunReporterTests: refused")
        #expect(try text(of: folder("config.toml")) == "earlier\n")
        #expect(try text(of: folder("metrics.csv")) == "earlier\n")
    }

    @Test func everyOptionIsWrittenWhenTheRunStarts() throws {
        try RunReporter(configuration).started(atStep: 0, validating: false)
        #expect(try text(of: folder("config.toml")) == configuration.toml)
    }

    @Test func eachStartOfARunAddsWhereItWas() throws {
        func start(host: String, atStep step: Int) throws {
            let reporter = try RunReporter(configuration)
            let host = RunEnvironment.Host(
                name: host, ranks: 2, threads: 4, processor: "a \"processor\"", sockets: 1, cores: 8,
                hardwareThreads: 16, memory: 1 << 34)
            // Whole seconds, as the file has them.
            reporter.environment = RunEnvironment(
                start: Date(timeIntervalSince1970: 1_800_000_000), launcher: "mpirun, 2 ranks", hosts: [host],
                software: [.init("aam", "1")])
            try reporter.started(atStep: step, validating: false)
        }
        func starts() throws -> [String] {
            try RunEnvironment.read(from: folder.path).map { "\($0.hosts[0].name) \($0.step) \($0.ranks)" }
        }
        #expect(try starts() == [])
        try start(host: "node1", atStep: 0)
        try start(host: "node2", atStep: 40)
        #expect(try starts() == ["node1 0 2", "node2 40 2"])
        try start(host: "node3", atStep: 0)
        #expect(try starts() == ["node3 0 2"])
        #expect(try RunEnvironment.read(from: folder.path)[0].hosts[0].processor == "a \"processor\"")
    }

    @Test func readinessIsCountedFromTheProcesssStart() throws {
        func loggedSeconds() throws -> Double {
            let log = folder("log.txt")
            try RunReporter(configuration).ready()
            let line = try #require(try text(of: log).split(separator: "\n").last)
            let match = try #require(try Regex(#".* ready in (\d+\.\d) s"#).wholeMatch(in: line), "\(line)")
            return try #require(match[1].substring.flatMap { Double($0) })
        }
        let first = try loggedSeconds()
        let start = ContinuousClock.now
        var spent = 0.0
        while spent < 0.3 { spent = (ContinuousClock.now - start) / .seconds(1) }
        let later = try loggedSeconds()
        // Each is rounded to a tenth.
        #expect(later - first > 0.15 && later < 3600)
    }

    @Test func progressIsLoggedEveryFewStepsAndAtTheEpochsEnd() throws {
        let reporter = try RunReporter(configuration)
        try reporter.started(atStep: 68, validating: false)
        for step in 69...76 { try reporter.finished(stepRecord(step, epoch: step > 74 ? 2 : 1)) }
        try reporter.warning("RunReporterTests")
        let lines = try text(of: folder("log.txt")).split(separator: "\n").map { line in
            String(line.split(separator: " ", maxSplits: 1)[1].prefix(25))
        }
        #expect(
            lines == [
                "epoch 2/30  step 33/37  l", "epoch 2/30  step 37/37  l", "epoch 3/30  step 1/37  lo",
                "warning: RunReporterTests",
            ])
        #expect(try text(of: folder("metrics.csv")).split(separator: "\n").count == 1 + 8)
    }
}
