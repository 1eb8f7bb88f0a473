/// The command line: `fuzz TARGET [--iterations N] [--seed S] [--first I] [--seconds T]`.
struct FuzzOptions {
    struct Mistake: Error, CustomStringConvertible {
        let description: String
    }

    let target: FuzzTarget
    /// How many inputs at most.
    private(set) var iterations = 100_000
    private(set) var seed: UInt64 = 0
    /// The number of the first input: each depends on the seed and its number alone.
    private(set) var first = 0
    /// No input is begun after this time.
    private(set) var seconds = Double.infinity

    static let usage = """
        usage: fuzz TARGET [--iterations N] [--seed S] [--first I] [--seconds T]
        targets: \(FuzzTarget.allCases.map(\.rawValue).joined(separator: " "))
        """

    init(_ arguments: some Sequence<String>) throws {
        var rest = Array(arguments)
        guard let name = rest.first, let target = FuzzTarget(rawValue: name) else {
            throw Mistake(description: "no target")
        }
        self.target = target
        rest.removeFirst()
        while rest.count >= 2 {
            let (option, value) = (rest[0], rest[1])
            func number<Number: LosslessStringConvertible>(_ type: Number.Type) throws -> Number {
                guard let number = Number(value) else { throw Mistake(description: "\(option) takes a number") }
                return number
            }
            switch option {
            case "--iterations": iterations = try number(Int.self)
            case "--seed": seed = try number(UInt64.self)
            case "--first": first = try number(Int.self)
            case "--seconds": seconds = try number(Double.self)
            default: throw Mistake(description: "no option \(option)")
            }
            rest.removeFirst(2)
        }
        guard rest.isEmpty else { throw Mistake(description: "\(rest[0]) lacks its value") }
    }
}
