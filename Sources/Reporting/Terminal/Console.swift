import Foundation

/// Standard output, as this process's lines for people go there.
public final class Console: Sendable {
    /// How much is written.
    public enum Verbosity: String, CaseIterable, Sendable {
        /// Warnings, and how the run ended.
        case quiet
        case normal
        /// Each step, and what was chosen.
        case verbose
    }

    /// How it is written.
    public enum Format: String, CaseIterable, Sendable {
        case text
        /// One JSON object a line (jsonlines.org).
        case json
    }

    public let verbosity: Verbosity
    public let format: Format
    /// nil where standard output is no terminal, where it is not wanted, or where several processes write there.
    let liveLine: LiveLine?
    private let terminal: Terminal?
    /// What lines begin with.
    private let title: String?

    /// - Parameters:
    ///   - title: what each line begins with, where there are several runs.
    ///   - isShared: whether other processes write to the same output meanwhile.
    ///   - terminal: where it ends, nil for a file.
    public init(
        _ verbosity: Verbosity = .normal, format: Format = .text, title: String? = nil, isShared: Bool = false,
        terminal: Terminal? = .attached
    ) {
        self.verbosity = verbosity
        self.format = format
        self.title = title
        self.terminal = format == .text ? terminal : nil
        let isLive = format == .text && verbosity != .quiet && !isShared
        liveLine = isLive ? terminal.map { LiveLine(on: $0, output: Self.write) } : nil
    }

    private static let write: @Sendable (String) -> Void = { FileHandle.standardOutput.write(Data($0.utf8)) }

    /// Writes an event, if this much is wanted.
    public func write(_ event: RunEvent) {
        guard event.importance >= lowestImportance else { return }
        if format == .json {
            Self.write(event.json(title: title) + "\n")
        } else {
            for line in event.lines { write(line, style: event.style) }
        }
    }

    private var lowestImportance: RunEvent.Importance {
        switch verbosity {
        case .quiet: .essential
        case .normal: .usual
        case .verbose: .detail
        }
    }

    private func write(_ line: String, style: Terminal.Style?) {
        let titled = titled(line)
        let styled = style.flatMap { terminal?.styled(titled, $0) } ?? titled
        if let liveLine { liveLine.print(styled) } else { Self.write(styled + "\n") }
    }

    private func titled(_ line: String) -> String { title.map { "\($0): \(line)" } ?? line }

    /// Shows how far a phase has come, where there is a terminal to show it on.
    public func show(_ text: @autoclosure () -> String) { liveLine?.show(titled(text())) }

    /// Removes what is shown.
    public func clear() { liveLine?.clear() }
}
