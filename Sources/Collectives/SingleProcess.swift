import Foundation

/// The communicator of a program that runs alone: one rank, whose collectives return what they are given.
public final class SingleProcess: Communicator {
    public let rank = 0
    public let size = 1
    public let localRank = 0
    public let localSize = 1
    public let host: String

    /// - Parameter host: this machine's name, for reports.
    public init(host: String = currentHostName()) {
        self.host = host
    }

    public func allreduce<Element: CollectiveElement>(
        _ buffer: inout MutableSpan<Element>, _ operation: ReduceOperation
    ) {}

    public func sum(_ buffer: inout MutableSpan<Float>, wire: WireFormat) {}

    public func broadcast<Element: CollectiveElement>(_ buffer: inout MutableSpan<Element>, from root: Int) {
        precondition(root == 0, "there is no rank \(root) in a single process")
    }

    public func gather<Element: CollectiveElement>(_ values: [Element], to root: Int) -> [[Element]] {
        precondition(root == 0, "there is no rank \(root) in a single process")
        return [values]
    }

    public func barrier() {}

    public func duplicate() -> any Communicator { SingleProcess(host: host) }

    public func split(color: Int) -> any Communicator { SingleProcess(host: host) }

    public var allowsConcurrentDuplicates: Bool { true }

    public func claimFailureReport() -> Bool { true }

    public func abort(exitCode: Int32) -> Never {
        exit(exitCode)
    }
}

/// This machine's name as gethostname(2) gives it; "unknown" if it does not.
public func currentHostName() -> String {
    var name = [CChar](repeating: 0, count: 256)
    guard gethostname(&name, name.count - 1) == 0 else { return "unknown" }
    return String(decoding: name.prefix { $0 != 0 }.map(UInt8.init(bitPattern:)), as: UTF8.self)
}
