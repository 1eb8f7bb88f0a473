import Foundation
import Synchronization

/// A line at the bottom of a terminal that is drawn over again, and the lines that scroll by above it.
///
/// Each drawing leaves the cursor at the line's start, so that what other ranks write goes over it, not behind it.
public final class LiveLine: Sendable {
    private struct State {
        var text = ""
        var isVisible = false
        var drawn = ContinuousClock.now - .seconds(1)
    }

    private let terminal: Terminal
    private let output: @Sendable (String) -> Void
    private let state = Mutex(State())

    /// - Parameter output: takes what is to be written to the terminal.
    public init(on terminal: Terminal, output: @escaping @Sendable (String) -> Void) {
        self.terminal = terminal
        self.output = output
    }

    /// Shows a text, cut to the terminal's width, at most ten times a second, but in any case if its first word is
    /// another than before: a phase may be short.
    public func show(_ text: String) {
        state.withLock { state in
            let isNew = text.prefix { $0 != " " } != state.text.prefix { $0 != " " }
            state.text = String(text.prefix(terminal.columns - 1))
            let now = ContinuousClock.now
            guard isNew || now - state.drawn >= .milliseconds(100) else { return }
            state.drawn = now
            state.isVisible = true
            output("\r\(state.text)\u{1b}[K\r")
        }
    }

    /// Writes lines above it.
    public func print(_ lines: String) {
        state.withLock { state in
            let (below, clearing) = state.isVisible ? ("\(state.text)\u{1b}[K\r", "\r\u{1b}[K") : ("", "")
            output("\(clearing)\(lines)\n\(below)")
        }
    }

    /// Removes it, until something is shown again.
    public func clear() {
        state.withLock { state in
            if state.isVisible { output("\r\u{1b}[K") }
            state.isVisible = false
        }
    }
}
