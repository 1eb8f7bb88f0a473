import Foundation

/// One cell of the report's table: what one rank or host has.
public struct Fact: Hashable, Sendable {
    public enum Value: Hashable, Sendable {
        case text(String)
        /// A measured figure: ranks that differ are told by the smallest and the largest.
        case figure(Double, unit: String)
    }

    public let label: String
    public let value: Value

    public init(_ label: String, _ text: String) {
        self.label = label
        value = .text(text)
    }

    public init(_ label: String, _ figure: Double, _ unit: String) {
        self.label = label
        value = .figure(figure, unit: unit)
    }

    /// Three digits, or all before the point, as in `12.5 GiB` and `2420 Mbit/s`.
    static func text(_ figure: Double, _ unit: String) -> String {
        String(format: abs(figure) < 999.5 ? "%.3g" : "%.0f", figure) + " \(unit)"
    }

    static func text(bytes: Int) -> String {
        bytes >= 1 << 30 ? text(Double(bytes) / 1_073_741_824, "GiB") : text(Double(bytes) / 1_048_576, "MiB")
    }

    static func text(seconds: Double) -> String {
        switch abs(seconds) {
        case ..<1e-3: text(1e6 * seconds, "µs")
        case ..<1: text(1e3 * seconds, "ms")
        default: text(seconds, "s")
        }
    }

    /// As in `1 rank`, `2 ranks`.
    static func count(_ number: Int, _ noun: String) -> String { "\(number) \(noun)\(number == 1 ? "" : "s")" }
}
