import Collectives
import Foundation
import Tracing

/// A trace that is asked for.
public struct TraceRequest: Sendable {
    /// The file.
    public let path: String
    /// Steps from the first on, at least 1.
    public let steps: Int

    /// - Precondition: at least one step.
    public init(path: String, steps: Int) {
        precondition(steps > 0, "a trace of no steps")
        self.path = path
        self.steps = steps
    }
}

/// What every rank did in a run's first steps, written as one Chrome trace.
final class StepTrace {
    private let recorder: SpanRecorder
    private let path: String
    private let communicator: any Communicator
    private let about: [String: String]
    private var stepsLeft: Int

    /// All ranks must make it at the same time: from here on time is counted on all of them.
    /// - Parameter about: of the run, for who reads the trace.
    /// - Throws: `RankFailure` if the file cannot be written; failures of communication.
    init(_ request: TraceRequest, _ recorder: SpanRecorder, about: [String: String], on communicator: any Communicator)
        throws
    {
        self.recorder = recorder
        path = request.path
        self.communicator = communicator
        self.about = about
        stepsLeft = request.steps
        // Before the first step rather than after the last.
        try replaceFile(with: "")
        try communicator.barrier()
        recorder.start()
    }

    /// Counts a step, and writes the trace after the last.
    /// - Returns: what to tell the user, once it is written.
    /// - Throws: `RankFailure` if it cannot be written.
    func finishedStep() throws -> String? {
        guard stepsLeft > 0 else { return nil }
        stepsLeft -= 1
        return stepsLeft == 0 ? try write() : nil
    }

    /// Writes what was recorded, if the run ends before the trace does.
    func finish() throws -> String? {
        guard stepsLeft > 0 else { return nil }
        stepsLeft = 0
        return try write()
    }

    private func write() throws -> String {
        let (spans, leftOut) = recorder.stop()
        let texts = try communicator.gather(SpanList(spans).text, to: 0)
        let hosts = try communicator.gather(communicator.host, to: 0)
        var trace = ChromeTrace(about: about)
        for (rank, text) in texts.enumerated() { trace.add(SpanList(text).spans, rank: rank, host: hosts[rank]) }
        try replaceFile(with: trace.json)
        let rest = leftOut > 0 ? "; \(leftOut) spans of rank 0 had no room" : ""
        return "trace written to \(path): open it in ui.perfetto.dev or chrome://tracing\(rest)"
    }

    /// Rank 0 writes.
    private func replaceFile(with text: String) throws {
        try communicator.agreeing("writing the trace") {
            guard communicator.rank == 0 else { return }
            do {
                try Data(text.utf8).write(to: URL(filePath: path), options: .atomic)
            } catch {
                throw TrainingError.traceNotWritten(path: path, reason: error.localizedDescription)
            }
        }
    }
}

/// Spans as a text that ranks can send: a line each, the name last.
private struct SpanList {
    let spans: [SpanRecorder.Span]

    init(_ spans: [SpanRecorder.Span]) { self.spans = spans }

    init(_ text: String) {
        spans = text.split(separator: "\n").compactMap { line in
            let fields = line.split(separator: "\t", maxSplits: 4)
            guard fields.count == 5, let track = Int(fields[0]).flatMap(SpanRecorder.Track.init),
                let start = Double(fields[1]), let duration = Double(fields[2])
            else { return nil }
            return SpanRecorder.Span(
                name: String(fields[4]), category: String(fields[3]), track: track, start: start, duration: duration)
        }
    }

    var text: String {
        spans.map { "\($0.track.rawValue)\t\($0.start)\t\($0.duration)\t\($0.category)\t\($0.name)\n" }.joined()
    }
}
