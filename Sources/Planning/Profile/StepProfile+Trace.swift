import Foundation

extension StepProfile {
    /// Takes a profile from a trace of `aam train --trace`: the means over its steps but the first, which is longer, and
    /// of each the slowest rank.
    ///
    /// What communication took from the computation while it was traced is in it.
    /// - Parameter path: of the file with this text, for errors.
    /// - Throws: `PlanError`.
    public init(trace text: String, path: String) throws {
        let trace: Trace
        do {
            trace = try JSONDecoder().decode(Trace.self, from: Data(text.utf8))
        } catch {
            throw PlanError.notATrace(path: path, problem: problem(with: error))
        }
        func fail(_ problem: String) -> PlanError { .notATrace(path: path, problem: problem) }
        func run(_ key: String) throws -> String {
            guard let value = trace.otherData?[key] else { throw fail("it does not tell the run's \(key)") }
            return value
        }
        func number(_ key: String) throws -> Int {
            let text = try run(key)
            guard let number = Int(text) else { throw fail("the run's \(key) is '\(text)'") }
            return number
        }
        let ranks = Set(trace.traceEvents.map(\.pid)).sorted()
        let steps = ranks.flatMap { rank in
            TracedStep.all(in: trace.traceEvents.filter { $0.pid == rank && $0.ph == "X" }).dropFirst()
        }
        guard let first = steps.first else {
            throw fail("it has fewer than two whole steps, of which the first does not count; see --trace-steps")
        }
        guard steps.allSatisfy({ $0.backwards == 1 }) else {
            throw fail("its steps have several batches, of --accumulate; trace a run without")
        }
        guard steps.allSatisfy({ $0.completions.map(\.bytes) == first.completions.map(\.bytes) }),
            let gradientBytes = first.completions.last?.bytes
        else { throw fail("it does not say when gradients were final") }
        func slowest(_ value: (TracedStep) -> Double) -> Double {
            let ofRanks = Dictionary(grouping: steps, by: \.rank).values.map { steps in
                steps.reduce(0) { $0 + value($1) } / Double(steps.count)
            }
            return ofRanks.max() ?? 0
        }
        let hosts = trace.traceEvents.filter { $0.name == "process_name" }.compactMap(\.args?.host)
        let ranksOfHosts = Dictionary(grouping: hosts) { $0 }.values.map(\.count)
        self.init(
            model: try run("model"), imageSize: try number("imageSize"), ranksPerNode: ranksOfHosts.max() ?? 1,
            threads: try number("threads"), processors: try number("processors"), gradientBytes: gradientBytes,
            computations: [
                Computation(
                    images: try number("imagesPerRank"), forward: slowest(\.forward),
                    backward: first.completions.indices.map { index in
                        Completion(
                            bytes: first.completions[index].bytes, seconds: slowest { $0.completions[index].seconds })
                    })
            ],
            optimizer: slowest(\.optimizer), dataWait: slowest(\.dataWait))
        do {
            try check(path)
        } catch PlanError.notAProfile(_, let problem) {
            throw fail(problem)
        }
    }
}

/// What planning reads of Chrome's Trace Event Format.
private struct Trace: Decodable {
    struct Event: Decodable {
        struct Arguments: Decodable {
            let name: String

            /// As in `rank 3 (node2)`.
            var host: String? { name.firstMatch(of: #/^rank \d+ \((.*)\)$/#).map { String($0.1) } }
        }

        let ph: String
        let pid: Int
        let name: String
        let cat: String?
        /// Microseconds.
        let ts: Double?
        let dur: Double?
        let args: Arguments?

        var start: Double { (ts ?? 0) / 1e6 }
        var seconds: Double { (dur ?? 0) / 1e6 }
    }

    let traceEvents: [Event]
    /// Of the run, as `aam train` describes it.
    let otherData: [String: String]?
}

/// One rank's step in a trace.
private struct TracedStep {
    let rank: Int
    var forward = 0.0
    var optimizer = 0.0
    var dataWait = 0.0
    var backwards = 0
    /// Since the backward's start.
    var completions: [StepProfile.Completion] = []

    static func all(in events: [Trace.Event]) -> [TracedStep] {
        let events = events.sorted { $0.start < $1.start }
        return events.filter { $0.cat == "step" }.map { step in
            let inside = events.filter { $0.start >= step.start && $0.start < step.start + step.seconds }
            func seconds(_ isMeant: (Trace.Event) -> Bool) -> Double {
                inside.filter(isMeant).reduce(0) { $0 + $1.seconds }
            }
            var traced = TracedStep(rank: step.pid)
            traced.forward = seconds { $0.cat == "forward" && ["forward", "loss"].contains($0.name) }
            traced.optimizer = seconds { $0.cat == "optimizer" }
            traced.dataWait = seconds { $0.name == "wait for images" }
            let backwards = inside.filter { $0.name == "backward" && $0.cat == "backward" }
            traced.backwards = backwards.count
            traced.completions = inside.compactMap { event in
                guard event.cat == "gradients", let backward = backwards.last,
                    let bytes = event.name.firstMatch(of: #/^gradients to byte (\d+)$/#).flatMap({ Int($0.1) })
                else { return nil }
                return StepProfile.Completion(bytes: bytes, seconds: event.start - backward.start)
            }
            return traced
        }
    }
}
