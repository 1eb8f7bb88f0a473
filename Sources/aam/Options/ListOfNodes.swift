import ArgumentParser

/// Numbers of nodes as `--nodes 1,2,4` names them, ascending.
struct ListOfNodes: ExpressibleByArgument {
    let counts: [Int]

    /// Powers of two.
    static let standard = ListOfNodes(counts: (0...10).map { 1 << $0 })

    private init(counts: [Int]) { self.counts = counts }

    init?(argument: String) {
        let numbers = argument.split(separator: ",", omittingEmptySubsequences: false).map { Int($0) }
        let counts = numbers.compactMap { $0 }.filter { (1...1 << 20).contains($0) }
        guard counts.count == numbers.count else { return nil }
        self.counts = Set(counts).sorted()
    }

    var defaultValueDescription: String { counts.map(String.init).joined(separator: ",") }
}
