/// A trace in Chrome's Trace Event Format, which chrome://tracing and ui.perfetto.dev draw: ranks are its processes,
/// tracks its threads.
public struct ChromeTrace {
    private var events: [String] = []
    private let about: [String: String]

    /// An empty trace.
    /// - Parameter about: what the trace tells of the whole run.
    public init(about: [String: String] = [:]) { self.about = about }

    /// Adds one rank's spans.
    public mutating func add(_ spans: [SpanRecorder.Span], rank: Int, host: String) {
        add(metadata: "process_name", rank, track: nil, "rank \(rank) (\(host))")
        for track in SpanRecorder.Track.allCases where spans.contains(where: { $0.track == track }) {
            add(metadata: "thread_name", rank, track: track, "\(track)")
        }
        for span in spans {
            events.append(
                """
                {"ph":"X","pid":\(rank),"tid":\(span.track.rawValue),"name":\(quoted(span.name)),\
                "cat":\(quoted(span.category)),"ts":\(rounded(span.start)),"dur":\(rounded(span.duration))}
                """)
        }
    }

    /// The file's text.
    public var json: String {
        let pairs = about.sorted { $0.key < $1.key }.map { "\(quoted($0.key)):\(quoted($0.value))" }
        return "{\"displayTimeUnit\":\"ms\",\"otherData\":{\(pairs.joined(separator: ","))},\"traceEvents\":[\n"
            + events.joined(separator: ",\n") + "\n]}\n"
    }

    private mutating func add(metadata name: String, _ rank: Int, track: SpanRecorder.Track?, _ value: String) {
        let thread = track.map { "\"tid\":\($0.rawValue)," } ?? ""
        events.append(
            "{\"ph\":\"M\",\"pid\":\(rank),\(thread)\"name\":\"\(name)\",\"args\":{\"name\":\(quoted(value))}}")
    }

    /// To a nanosecond, as the format's microseconds go.
    private func rounded(_ microseconds: Double) -> Double { (microseconds * 1000).rounded() / 1000 }

    private func quoted(_ text: String) -> String {
        var result = "\""
        for scalar in text.unicodeScalars {
            switch scalar {
            case "\"": result += "\\\""
            case "\\": result += "\\\\"
            case _ where scalar.value < 0x20: result += " "
            default: result.unicodeScalars.append(scalar)
            }
        }
        return result + "\""
    }
}
