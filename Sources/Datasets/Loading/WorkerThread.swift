import Foundation

/// A joinable thread that yields to threads of normal priority on its core.
final class WorkerThread {
    /// The nice value: with it, a trainer on the same core keeps about nine tenths of the time it asks for.
    private static let niceness: Int32 = 10

    private final class Body {
        let run: @Sendable () -> Void
        init(_ run: @escaping @Sendable () -> Void) { self.run = run }
    }

    private let thread: pthread_t
    private var isJoined = false

    /// Starts a thread that runs `body`.
    /// - Throws: `LoaderError.cannotStartThread`.
    init(_ body: @escaping @Sendable () -> Void) throws {
        let retained = Unmanaged.passRetained(Body(body))
        var thread = pthread_t()
        let status = pthread_create(
            &thread, nil,
            { argument in
                // On Linux 0 names the calling thread. A refusal does no harm.
                _ = setpriority(__priority_which_t(PRIO_PROCESS.rawValue), 0, WorkerThread.niceness)
                if let argument { Unmanaged<Body>.fromOpaque(argument).takeRetainedValue().run() }
                return nil
            }, retained.toOpaque())
        guard status == 0 else {
            retained.release()
            throw LoaderError.cannotStartThread(reason: String(cString: strerror(status)))
        }
        self.thread = thread
    }

    /// Waits for the body's end.
    func join() {
        guard !isJoined else { return }
        isJoined = true
        pthread_join(thread, nil)
    }
}

/// Why loading cannot start.
public enum LoaderError: Error, Hashable, Sendable, CustomStringConvertible {
    case cannotStartThread(reason: String)

    public var description: String {
        switch self {
        case .cannotStartThread(let reason):
            "cannot start a thread to load images: \(reason); use fewer loading threads or raise the limit (ulimit -u)"
        }
    }
}
