import Collectives
import Tracing

/// A communicator whose collectives a recorder knows of while they last.
final class WatchedCommunicator: Communicator {
    private let base: any Communicator
    private let recorder: SpanRecorder
    private let track: SpanRecorder.Track

    /// - Parameter track: of the thread that uses this communicator.
    init(_ base: any Communicator, recorder: SpanRecorder, track: SpanRecorder.Track) {
        self.base = base
        self.recorder = recorder
        self.track = track
    }

    var rank: Int { base.rank }
    var size: Int { base.size }
    var host: String { base.host }
    var localRank: Int { base.localRank }
    var localSize: Int { base.localSize }
    var allowsConcurrentDuplicates: Bool { base.allowsConcurrentDuplicates }

    func allreduce<Element: CollectiveElement>(
        _ buffer: inout MutableSpan<Element>, _ operation: ReduceOperation
    ) throws {
        let key = begin("allreduce of \(buffer.count)")
        defer { recorder.end(key, isRecorded: false) }
        try base.allreduce(&buffer, operation)
    }

    func sum(_ buffer: inout MutableSpan<Float>, wire: WireFormat) throws {
        let key = begin("allreduce of \(buffer.count)")
        defer { recorder.end(key, isRecorded: false) }
        try base.sum(&buffer, wire: wire)
    }

    func broadcast<Element: CollectiveElement>(_ buffer: inout MutableSpan<Element>, from root: Int) throws {
        let key = begin("broadcast from rank \(root)")
        defer { recorder.end(key, isRecorded: false) }
        try base.broadcast(&buffer, from: root)
    }

    func gather<Element: CollectiveElement>(_ values: [Element], to root: Int) throws -> [[Element]] {
        let key = begin("gather to rank \(root)")
        defer { recorder.end(key, isRecorded: false) }
        return try base.gather(values, to: root)
    }

    func barrier() throws {
        let key = begin("barrier")
        defer { recorder.end(key, isRecorded: false) }
        try base.barrier()
    }

    /// For another thread.
    func duplicate() throws -> any Communicator {
        let key = begin("barrier")
        defer { recorder.end(key, isRecorded: false) }
        return WatchedCommunicator(try base.duplicate(), recorder: recorder, track: .communication)
    }

    func split(color: Int) throws -> any Communicator {
        let key = begin("barrier")
        defer { recorder.end(key, isRecorded: false) }
        return WatchedCommunicator(try base.split(color: color), recorder: recorder, track: track)
    }

    func claimFailureReport() -> Bool { base.claimFailureReport() }

    func abort(exitCode: Int32) -> Never { base.abort(exitCode: exitCode) }

    private func begin(_ name: String) -> Int { recorder.begin(name, RankStatus.collective, on: track) }
}
