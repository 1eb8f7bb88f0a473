import Foundation

/// The terminal that a program's standard output ends at.
public struct Terminal: Sendable {
    /// Characters in a line.
    public let columns: Int
    /// Whether colours are wanted: not with NO_COLOR (no-color.org), nor where TERM is `dumb`.
    public let hasColors: Bool

    public init(columns: Int, hasColors: Bool) {
        self.columns = columns
        self.hasColors = hasColors
    }

    /// The variable by which a program that starts mpirun, and passes its output on to a terminal, names that terminal.
    public static let variable = "AAM_TERMINAL"

    /// The terminal behind this process's standard output; nil if a file, a pipe or a batch system is there.
    ///
    /// Under Open MPI every rank's standard output looks like a terminal, as mpirun reads it through one: what counts is
    /// the output of mpirun, the parent of ranks on its own host, or of the program that started it.
    public static let attached: Terminal? = {
        let environment = ProcessInfo.processInfo.environment
        guard isatty(STDOUT_FILENO) == 1, environment["TERM"] != "dumb" else { return nil }
        guard environment["OMPI_COMM_WORLD_RANK"] != nil else { return Terminal(of: STDOUT_FILENO, environment) }
        return Terminal(at: "/proc/\(getppid())/fd/1", environment)
            ?? environment[variable].flatMap { Terminal(at: $0, environment) }
    }()

    /// The path of the terminal that this process's standard output is, for `variable`; nil if it is none.
    public static var path: String? {
        isatty(STDOUT_FILENO) == 1 ? try? FileManager.default.destinationOfSymbolicLink(atPath: "/proc/self/fd/1") : nil
    }

    private init?(at path: String, _ environment: [String: String]) {
        let descriptor = open(path, O_WRONLY | O_NOCTTY | O_CLOEXEC | O_NONBLOCK)
        guard descriptor >= 0 else { return nil }
        defer { close(descriptor) }
        guard isatty(descriptor) == 1 else { return nil }
        self.init(of: descriptor, environment)
    }

    private init(of descriptor: Int32, _ environment: [String: String]) {
        var size = winsize()
        let isKnown = ioctl(descriptor, UInt(TIOCGWINSZ), &size) == 0 && size.ws_col > 0
        columns = isKnown ? Int(size.ws_col) : 80
        hasColors = (environment["NO_COLOR"] ?? "").isEmpty
    }

    /// Styles of text, as ECMA-48 numbers them.
    public enum Style: Int, Sendable {
        case bold = 1
        case dim = 2
        case red = 31
        case green = 32
        case yellow = 33
        case cyan = 36
    }

    /// The text in a style, or as it is where there are no colours.
    public func styled(_ text: String, _ style: Style) -> String {
        hasColors ? "\u{1b}[\(style.rawValue)m\(text)\u{1b}[0m" : text
    }
}
