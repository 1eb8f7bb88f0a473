import Foundation
import Tracing

/// What a rank is doing, as it tells the watch.
public struct RankStatus: Codable, Hashable, Sendable {
    /// Something the rank is at.
    public struct Activity: Codable, Hashable, Sendable {
        public let name: String
        public let category: String
        /// `SpanRecorder.Track`
        public let track: Int

        public init(name: String, category: String, track: SpanRecorder.Track) {
            self.name = name
            self.category = category
            self.track = track.rawValue
        }
    }

    public let rank: Int
    public let host: String
    public let process: Int32
    /// Things begun or ended so far: while the number stays, nothing happens.
    public let events: Int
    /// In the order of their beginning.
    public let activities: [Activity]

    public init(rank: Int, host: String, process: Int32 = getpid(), events: Int, activities: [Activity]) {
        self.rank = rank
        self.host = host
        self.process = process
        self.events = events
        self.activities = activities
    }

    init(rank: Int, host: String, _ recorder: SpanRecorder) {
        let (open, events) = recorder.activity
        self.init(
            rank: rank, host: host, events: events,
            activities: open.map { Activity(name: $0.name, category: $0.category, track: $0.track) })
    }

    /// The category of what waits for other ranks.
    static let collective = "collective"

    /// Whether this rank waits for others, so that its own silence is no one's concern.
    public var waitsForOthers: Bool {
        guard let own = innermost(.training) else { return false }
        // What trains may wait for the thread that sums gradients, which waits for other ranks.
        return own.category == Self.collective
            || own.category == "wait" && innermost(.communication)?.category == Self.collective
    }

    private func innermost(_ track: SpanRecorder.Track) -> Activity? { activities.last { $0.track == track.rawValue } }

    /// As in `step 12 > backward > fc backward; write checkpoint 10`. What is being loaded counts while it is waited for.
    public var text: String {
        let waitsForImages = innermost(.training)?.category == "data"
        let tracks = SpanRecorder.Track.allCases.filter { $0 != .loading || waitsForImages }.map { track in
            activities.filter { $0.track == track.rawValue }.map(\.name).joined(separator: " > ")
        }
        let text = tracks.filter { !$0.isEmpty }.joined(separator: "; ")
        return text.isEmpty ? "other work" : text
    }

    package var line: String? { (try? JSONEncoder().encode(self)).map { String(decoding: $0, as: UTF8.self) } }

    package init?(line: some StringProtocol) {
        guard let status = try? JSONDecoder().decode(Self.self, from: Data(line.utf8)) else { return nil }
        self = status
    }
}
