/// A host that may run ranks.
public struct LaunchHost: Hashable, Sendable {
    /// A name or an address.
    public let name: String
    /// Ranks that it takes.
    public var slots: Int
    /// What not even `--oversubscribe` of mpirun may exceed.
    public var maximumSlots: Int?

    public init(_ name: String, slots: Int, maximumSlots: Int? = nil) {
        self.name = name
        self.slots = slots
        self.maximumSlots = maximumSlots
    }
}

extension [LaunchHost] {
    /// Ranks that all of them take.
    var slots: Int { reduce(0) { $0 + $1.slots } }

    /// The names, with a space between them.
    var names: String { map(\.name).joined(separator: " ") }
}
