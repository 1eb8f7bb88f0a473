/// How far something has come, as in `train     [########------------]  40 %`.
public struct ProgressBar: Hashable, Sendable {
    public let title: String
    public let done: Int
    public let total: Int

    /// - Parameter total: what `done` is when all is done; 0 if there is nothing to do.
    public init(_ title: String, done: Int, of total: Int) {
        self.title = title
        self.done = max(0, min(done, total))
        self.total = total
    }

    private static let cells = 12

    /// With details behind it.
    public func text(_ details: String...) -> String {
        let share = total > 0 ? Double(done) / Double(total) : 1
        let full = Int(share * Double(Self.cells))
        let bar = String(repeating: "#", count: full) + String(repeating: "-", count: Self.cells - full)
        let percent = String(Int(share * 100))
        let name = title.count < 9 ? title + String(repeating: " ", count: 9 - title.count) : title
        let start = "\(name) [\(bar)] \(String(repeating: " ", count: 3 - min(3, percent.count)))\(percent) %"
        return ([start] + details).joined(separator: "  ")
    }
}
