import Collectives
import Foundation
import Synchronization
import Tracing

/// A thread on each rank that knows what the ranks are doing, whether or not they can still say so themselves.
///
/// The ranks tell rank 0 every second over connections of their own, not through MPI. A connection that breaks is a process
/// that has ended; one that is silent is a process that is stopped or out of reach; a rank that answers but begins and
/// ends nothing is stuck. Rank 0 reports it, or the next rank if it is rank 0 itself, and all ranks end.
public final class JobWatch: JobWatcher, @unchecked Sendable {
    /// Knows what this rank's threads are at.
    public let recorder = SpanRecorder()
    /// The ranks, so that the recorder knows of their collectives.
    public let communicator: any Communicator

    private struct State {
        var standing: String?
        var log: String?
        var isFinished = false
        var hasReported = false
    }

    private let state = Mutex(State())
    private let post: any WatchPost
    private let size: Int
    private let limits: WatchLimits
    private let signals: SignalPipe?
    private let outlets: Outlets

    /// Begins to watch. All ranks must call it, as a collective.
    /// - Parameters:
    ///   - signals: this process's; nil to leave signals to others.
    ///   - isConnected: whether the ranks watch each other; otherwise each watches itself.
    /// - Throws: failures of communication.
    public init(
        on communicator: any Communicator, _ limits: WatchLimits = WatchLimits(), signals: SignalPipe? = nil,
        isConnected: Bool = ProcessInfo.processInfo.environment["AAM_WATCH"] != "0", outlets: Outlets = Outlets()
    ) throws {
        self.limits = limits
        self.signals = signals
        self.outlets = outlets
        size = communicator.size
        self.communicator = WatchedCommunicator(communicator, recorder: recorder, track: .training)
        post = try Self.makePost(on: communicator, limits, isConnected: isConnected && size > 1, warn: outlets.warn)
        if signals != nil { tellFaults() }
        let thread = Thread { self.work() }
        thread.name = "watch"
        thread.start()
    }

    private static func makePost(
        on communicator: any Communicator, _ limits: WatchLimits, isConnected: Bool, warn: (String) -> Void
    ) throws -> any WatchPost {
        // Of several ranks that know nothing of each other, each may wait long for another.
        let own = communicator.size == 1 ? limits : WatchLimits(warning: 0, timeout: 0)
        let alone = WatchCenter(listener: nil, contact: nil, size: communicator.size, limits: own)
        guard isConnected else { return alone }
        guard communicator.rank > 0 else {
            let listener: (descriptor: Int32, port: UInt16)
            do throws(WatchError) {
                listener = try Socket.listening()
            } catch {
                warn(error.description)
                _ = try send([], on: communicator)
                return alone
            }
            let contact = WatchContact(port: listener.port, host: communicator.host, addresses: Socket.ownAddresses)
            _ = try send(contact.texts, on: communicator)
            return WatchCenter(
                listener: listener.descriptor, contact: contact, size: communicator.size, limits: limits)
        }
        guard let contact = WatchContact(texts: try send([], on: communicator)) else { return alone }
        return WatchMember(contact, rank: communicator.rank, host: communicator.host, limits: limits)
    }

    private static func send(_ texts: [String], on communicator: any Communicator) throws -> [String] {
        try communicator.broadcast(texts, from: 0)
    }

    // MARK: What the run tells

    /// As in "12 of 300 steps done, log in runs/cub/log.txt".
    public var standing: String? {
        get { state.withLock { $0.standing } }
        set { state.withLock { $0.standing = newValue } }
    }

    public var log: String? {
        get { state.withLock { $0.log } }
        set { state.withLock { $0.log = newValue } }
    }

    /// The signal that asks this rank to stop, if one has come.
    public var stop: StopSignal? { signals?.stop }

    public func mayReport(exitCode: Int32) -> Bool? {
        claimReport() ? post.mayReport(exitCode: exitCode) : false
    }

    public func finish() {
        state.withLock { $0.isFinished = true }
        post.leave()
    }

    private func claimReport() -> Bool {
        state.withLock { state in
            defer { state.hasReported = true }
            return !state.hasReported && !state.isFinished
        }
    }

    // MARK: The thread

    private var own: RankStatus { RankStatus(rank: communicator.rank, host: communicator.host, recorder) }

    private func work() {
        if let problem = (post as? WatchMember)?.connect() { outlets.warn(problem) }
        if signals != nil { tellFaults() }
        var last = ContinuousClock.now
        while !state.withLock({ $0.isFinished }) {
            Socket.wait(for: post.descriptors + (signals.map { [$0.descriptor] } ?? []), seconds: limits.interval)
            for signal in signals?.received() ?? [] { attend(toSignal: signal) }
            for event in post.attend() { act(on: event) }
            if signals != nil { tellFaults() }
            let seconds = (ContinuousClock.now - last) / .seconds(1)
            guard seconds >= limits.interval else { continue }
            last = .now
            // More has passed only while this process was stopped, and the others with it as a rule.
            for event in post.tick(seconds: min(seconds, 2 * limits.interval), own: own) { act(on: event) }
        }
    }

    private func attend(toSignal signal: Int32) {
        guard communicator.rank == 0 else { return }
        if let stop = StopSignal(rawValue: signal) {
            outlets.note("\(stop): stopping as soon as all ranks can; a second signal ends the run at once")
        } else {
            for event in post.tick(seconds: 0, own: own) { act(on: event) }
            outlets.note("status: \(([standing ?? "starting"] + post.lines).joined(separator: "; "))")
        }
    }

    private func act(on event: WatchEvent) {
        // After a fault here the others end, which is no news.
        if signals != nil, SignalPipe.isEnding { return }
        switch event {
        case .warning(let text):
            outlets.warn(text)
        case .failure(let failure):
            report(failure)
        case .end(let exitCode):
            // Another's words: this rank has the time that they take.
            if communicator.rank == 0 {
                answerOthers(seconds: 1)
                post.announce(exitCode: exitCode)
            }
            if !state.withLock({ $0.isFinished }) { outlets.end(exitCode) }
        }
    }

    /// Waits, and tells the ranks that want to report that one of them does.
    private func answerOthers(seconds: Double) {
        let start = ContinuousClock.now
        while case let left = seconds - (ContinuousClock.now - start) / .seconds(1), left > 0 {
            Socket.wait(for: post.descriptors, seconds: left)
            _ = post.attend()
        }
    }

    private func report(_ failure: WatchFailure) {
        // What a launcher does that ends the job is no news. What came before its SIGTERM is, and this rank's only chance.
        if signals?.mayBeKilled == true { Thread.sleep(forTimeInterval: 1.5) }
        guard claimReport() else { return }
        post.hush(exitCode: failure.exitCode)
        let banner = FailureBanner(
            rank: failure.rank, size: size, host: failure.host, what: failure.what, place: failure.place,
            hint: failure.hint, standing: standing)
        outlets.report(banner)
        if let log { banner.append(to: log) }
        // A process with a fault may be writing where it came from.
        answerOthers(seconds: failure.exitCode < RetryableExit.communication ? 1.5 : 0.2)
        post.announce(exitCode: failure.exitCode)
        Thread.sleep(forTimeInterval: 0.2)
        outlets.end(failure.exitCode)
    }

    /// A fault is told to another rank, or to the user where there is none.
    private func tellFaults() {
        let again =
            communicator.rank > 0
            ? ""
            : "ended at once by a second signal: \(standing ?? "no step done"); --resume auto goes on from the last "
                + "checkpoint, if there is one\n"
        if let descriptor = post.faultDescriptor {
            SignalPipe.reportEnd(on: descriptor, before: "\nended ", after: "\n", again: again)
            return
        }
        let mark = "\u{1}"
        let banner = FailureBanner(
            rank: communicator.rank, size: size, host: communicator.host,
            what: "the program was ended by signal \(mark)", place: "process \(getpid()), in \(own.text)",
            hint: WatchFailure.hintOfFault, standing: standing)
        let parts = banner.description.components(separatedBy: mark)
        SignalPipe.reportEnd(on: STDERR_FILENO, before: "\n" + parts[0], after: parts[1], again: again)
    }
}
