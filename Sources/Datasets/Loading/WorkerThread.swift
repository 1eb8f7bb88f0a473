import Foundation

/// A joinable thread, which may yield to others on its core.
package final class WorkerThread {
    /// The nice value: with it, a trainer on the same core keeps about nine tenths of the time it asks for.
    private static let niceness: Int32 = 10

    private final class Body {
        let run: @Sendable () -> Void
        let yields: Bool

        init(_ run: @escaping @Sendable () -> Void, yields: Bool) {
            self.run = run
            self.yields = yields
        }
    }

    private let thread: pthread_t
    private var isJoined = false

    /// Starts a thread that runs `body`.
    /// - Parameters:
    ///   - purpose: completes the error's "cannot start a thread to".
    ///   - yielding: to threads of normal priority. Not for work that they may have to wait for to its end.
    /// - Throws: `ThreadError`.
    package init(to purpose: String, yielding: Bool = true, _ body: @escaping @Sendable () -> Void) throws {
        let retained = Unmanaged.passRetained(Body(body, yields: yielding))
        var thread = pthread_t()
        let status = pthread_create(
            &thread, nil,
            { argument in
                guard let argument else { return nil }
                let body = Unmanaged<Body>.fromOpaque(argument).takeRetainedValue()
                // On Linux 0 names the calling thread. A refusal does no harm.
                if body.yields { _ = setpriority(__priority_which_t(PRIO_PROCESS.rawValue), 0, WorkerThread.niceness) }
                body.run()
                return nil
            }, retained.toOpaque())
        guard status == 0 else {
            retained.release()
            throw ThreadError(purpose: purpose, reason: String(cString: strerror(status)))
        }
        self.thread = thread
    }

    /// Waits for the body's end.
    package func join() {
        guard !isJoined else { return }
        isJoined = true
        pthread_join(thread, nil)
    }
}

/// The system refuses another thread.
public struct ThreadError: Error, Hashable, CustomStringConvertible {
    /// As in "load images".
    public let purpose: String
    /// The system's.
    public let reason: String

    public var description: String {
        "cannot start a thread to \(purpose): \(reason); use fewer threads (--loader-threads, --threads) or raise the "
            + "limit (ulimit -u)"
    }
}
