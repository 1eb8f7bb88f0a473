import Collectives
import Training

/// One run of an ablation: what it does otherwise than the others.
struct Variant: Hashable {
    /// The varied options without the seed, in the table's order.
    let settings: [Setting]
    let seed: UInt64

    struct Setting: Hashable {
        let option: String
        let value: String
    }

    /// The run's folder in the ablation's, as in `aam-cc-seed1`.
    var name: String { (settings.map(\.value) + ["seed\(seed)"]).joined(separator: "-") }

    /// What is added to the arguments that all variants share.
    var arguments: [String] { settings.map { "--\($0.option)=\($0.value)" } + ["--seed=\(seed)"] }

    /// All combinations, the last list changing first.
    static func all(_ lists: [(option: String, values: [String])], seeds: [UInt64]) -> [Variant] {
        var settings: [[Setting]] = [[]]
        for list in lists {
            settings = settings.flatMap { earlier in
                list.values.map { earlier + [Setting(option: list.option, value: $0)] }
            }
        }
        return settings.flatMap { settings in seeds.map { Variant(settings: settings, seed: $0) } }
    }
}
