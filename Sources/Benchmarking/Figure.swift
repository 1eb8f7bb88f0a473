import Foundation

/// One measured figure, beside the limit that was measured in the same run.
public struct Figure: Codable, Hashable, Sendable, CustomStringConvertible {
    public let name: String
    public let value: Double
    public let unit: String
    /// What the figure could be at best, in the same unit, and where that comes from.
    public let limit: Double?
    public let limitName: String?

    public init(_ name: String, _ value: Double, _ unit: String, limit: Double? = nil, limitName: String? = nil) {
        self.name = name
        self.value = value
        self.unit = unit
        self.limit = limit
        self.limitName = limitName
    }

    /// How much of the limit is reached, 1 at best: for times the limit divided by the value, else the other way round.
    public var reached: Double? {
        guard let limit else { return nil }
        return unit.hasSuffix("s") && !unit.hasSuffix("/s") ? limit / value : value / limit
    }

    /// As in `training 6.21 images/s, 82 % of its convolutions alone (7.57 images/s)`.
    public var description: String {
        func text(_ value: Double) -> String { String(format: "%.4g \(unit)", value) }
        guard let limit, let limitName, let reached else { return "\(name) \(text(value))" }
        return "\(name) \(text(value)), \(String(format: "%.0f", 100 * reached)) % of \(limitName) (\(text(limit)))"
    }
}
