import Foundation
import TestSupport
import Testing

extension Command {
    @Suite struct Plan {
        private struct Written: Decodable {
            struct Row: Decodable {
                let nodes: Int
                let batchSize: Int
                let stepSeconds: Double
                let efficiency: Double
            }

            let rows: [Row]
        }

        private static let profile: String = Birds.shared("profile.json") { try measure($0) }

        private static func measure(_ path: String, ranks: Int? = nil) throws {
            try AAM.succeed(
                [
                    "benchmark", "step", "--model=resnet18", "--image-size=32", "--batch-size-per-rank=4",
                    "--threads=1", "--repetitions=2", "--profile=\(path)",
                ], ranks: ranks)
        }

        private func rows(_ path: String) throws -> [Written.Row] {
            try JSONDecoder().decode(Written.self, from: Data(contentsOf: URL(filePath: path))).rows
        }

        @Test(arguments: aloneAndTwoRanks) func profileOfABenchmarkIsPlannedOnManyNodes(ranks: Int?) throws {
            let folder = try TemporaryFolder()
            let (profile, json) = (folder("profile.json"), folder("plan.json"))
            try Self.measure(profile, ranks: ranks)
            let result = try AAM.succeed([
                "plan", "--profile=\(profile)", "--bandwidth=1gbit", "--dataset=cub", "--epochs=3", "--json=\(json)",
            ])
            let rows = try rows(json)
            #expect(rows.map(\.nodes) == (0...10).map { 1 << $0 })
            #expect(rows.map(\.batchSize) == rows.map { 4 * (ranks ?? 1) * $0.nodes })
            #expect(rows[0].efficiency == 1)
            for (fewer, more) in zip(rows, rows.dropFirst()) {
                #expect(more.stepSeconds > fewer.stepSeconds && more.efficiency < fewer.efficiency)
            }
            // 2 · 43 MiB · 1023/1024 at 95 % of 1 Gbit/s.
            #expect(rows[10].stepSeconds > 0.7)
            let title = "resnet18 with aam attention, 32 px, \(ranks == nil ? "1 rank" : "2 ranks") a node"
            #expect(result.stdout.contains(title) && result.stdout.contains("3 epochs"))
        }

        @Test func traceIsPlannedToo() throws {
            let folder = try TemporaryFolder()
            let trace = folder("trace.json")
            try AAM.succeed(
                AAM.training(into: folder("run"), ["--model=resnet18", "--trace=\(trace)", "--trace-steps=3"]), ranks: 2
            )
            let json = folder("plan.json")
            try AAM.succeed([
                "plan", "--trace=\(trace)", "--bandwidth=1gbit", "--nodes=1,8", "--json=\(json)",
            ])
            let rows = try rows(json)
            #expect(rows.map(\.batchSize) == [8, 64])
            #expect(rows[1].stepSeconds > rows[0].stepSeconds + 0.5)
        }

        @Test func networkComesFromAFileAndOptionsOverrideIt() throws {
            let folder = try TemporaryFolder()
            let network = try folder.write("network.toml", "bandwidth = \"100mbit\"\nlatency = \"0.1ms\"\n")
            let json = folder("plan.json")
            func step(_ options: [String]) throws -> Double {
                try AAM.succeed(["plan", "--profile=\(Self.profile)", "--nodes=2", "--json=\(json)"] + options)
                return try rows(json)[0].stepSeconds
            }
            let slow = try step(["--network=\(network)"])
            #expect(slow == (try step(["--bandwidth=100mbit", "--latency=100us"])))
            #expect(try step(["--network=\(network)", "--bandwidth=10gbit"]) < slow)
            #expect(try step(["--network=\(network)", "--wire=bfloat16"]) < slow)
            #expect(try step(["--network=\(network)", "--no-overlap"]) > slow)
        }

        @Test func timelineShowsEveryBucket() throws {
            let output = try AAM.succeed([
                "plan", "--profile=\(Self.profile)", "--bandwidth=1gbit", "--nodes=4", "--timeline",
                "--bucket-mebibytes=20",
            ]).stdout
            // 43 MiB.
            #expect((0..<3).allSatisfy { output.contains("\nbucket \($0) ") } && !output.contains("\nbucket 3 "))
        }

        @Test func mistakesAreToldWithTheirPlace() throws {
            let folder = try TemporaryFolder()
            func complaint(_ arguments: [String]) throws -> String {
                let result = try AAM.run(["plan"] + arguments)
                #expect(result.status != 0 && result.stdout.isEmpty)
                return result.stderr
            }
            #expect(try complaint([]).contains("Give either --profile or --trace"))
            let empty = try folder.write("empty.json", "{}")
            #expect(
                try complaint(["--profile=\(empty)", "--bandwidth=1gbit"]).contains(
                    "\(empty) is no profile: there is no format; aam benchmark step --profile FILE writes one"))
            #expect(
                try complaint(["--trace=\(empty)", "--bandwidth=1gbit"]).contains(
                    "\(empty) is no trace to plan from: there is no traceEvents"))
            #expect(try complaint(["--profile=\(folder("none"))", "--bandwidth=1gbit"]).contains("No such file"))
            let network = try folder.write("network.toml", "latency = \"1ms\"\nbandwidth = \"quick\"\n")
            #expect(try complaint(["--profile=\(Self.profile)", "--network=\(network)"]).contains("\(network):2: "))
            #expect(try complaint(["--profile=\(Self.profile)"]).contains("How fast is the network?"))
            #expect(try complaint(["--profile=\(Self.profile)", "--bandwidth=fast"]).contains("fast"))
            #expect(
                try complaint(["--profile=\(Self.profile)", "--bandwidth=1gbit", "--timeline"]).contains(
                    "--timeline wants a single number of --nodes."))
        }

        /// SimGrid shares the links out by its own model: the plan's messages must take as long there, but for the given
        /// part. The profile is one of `aam benchmark step --model resnet18 --image-size 32 --batch-size-per-rank 4
        /// --threads 1`, kept, as what is measured anew deviates anew.
        @Test(
            .enabled(
                if: findInPath("smpicc") != nil && findInPath("smpirun") != nil,
                "SimGrid's SMPI is not installed: apt-get install libsimgrid-dev"), arguments: [2, 7])
        func simGridNeedsAsLongForTheSameMessages(nodes: Int) throws {
            let folder = try TemporaryFolder()
            for (name, options, deviation) in [
                ("overlap", ["--bandwidth=1gbit"], 0.01),
                ("bfloat16", ["--bandwidth=10gbit", "--wire=bfloat16"], 0.055),
                ("after", ["--bandwidth=300mbit", "--no-overlap", "--bucket-mebibytes=16"], 0.01),
            ] {
                let (json, schedule) = (folder("\(name).json"), folder(name))
                try AAM.succeed(
                    [
                        "plan", "--profile=\(projectFile("Tests/Fixtures/planning/resnet18.json"))", "--nodes=\(nodes)",
                        "--json=\(json)", "--schedule=\(schedule)",
                    ] + options)
                let planned = try rows(json)[0].stepSeconds
                let result = try runCommand(projectFile("Benchmarks/simgrid/replay"), arguments: [schedule])
                let simulated = try #require(
                    Double(result.stdout.trimmingCharacters(in: .whitespacesAndNewlines)),
                    "\(result.stdout)\(result.stderr)")
                #expect(abs(planned / simulated - 1) < deviation, "\(name): \(planned) planned, \(simulated) simulated")
            }
        }
    }
}
