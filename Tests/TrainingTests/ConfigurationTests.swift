import Collectives
import Foundation
import Testing
import Training

@Suite struct ConfigurationTests {
    typealias Key = TrainingConfiguration.CodingKeys

    let configuration = TrainingConfiguration(data: "/data", output: "/run")

    private func line(_ key: Key, _ configuration: TrainingConfiguration) -> Substring? {
        configuration.toml.split(separator: "\n").first { $0.hasPrefix("\(key.rawValue) = ") }
    }

    @Test func everyOptionIsWritten() {
        #expect(Set(configuration.options.keys) == Set(Key.allCases.map(\.rawValue)))
        let keys = configuration.toml.split(separator: "\n").map { $0.prefix { $0 != " " } }
        #expect(keys.map(String.init) == Key.allCases.map(\.rawValue))
    }

    @Test func valuesAreWrittenAsTheCommandLineTakesThem() {
        let expected: [Key: (option: String, toml: String)] = [
            .dataset: ("cub", "\"cub\""), .data: ("/data", "\"/data\""), .imageSize: ("224", "224"),
            .evaluationView: ("center", "\"center\""), .cropBoxes: ("false", "false"),
            .cropScale: ("0.25,1.0", "\"0.25,1.0\""),
            .stepEpochs: ("none", "\"none\""),
            .attentionKernel: ("5", "\"5\""), .endLearningRate: ("1e-05", "1e-05"), .momentum: ("0.9", "0.9"),
            .seed: ("0", "0"), .backend: ("onednn", "\"onednn\""),
        ]
        for (key, text) in expected {
            #expect(configuration.options[key.rawValue] == text.option)
            #expect(line(key, configuration) == "\(key.rawValue) = \(text.toml)")
        }
    }

    @Test func textsAreEscaped() {
        var configuration = configuration
        configuration.data = "a \"b\" \\c\tü\n\u{7F}"
        #expect(line(.data, configuration) == #"data = "a \"b\" \\c\u0009ü\u000A\u007F""#)
        #expect(configuration.options["data"] == configuration.data)
    }

    /// TOML's integers end at 2^63 - 1.
    @Test(
        arguments: [
            (0, "0"), (1 << 53 + 1, "9007199254740993"), (UInt64(Int64.max), "9223372036854775807"),
            (UInt64(Int64.max) + 1, "\"9223372036854775808\""), (.max, "\"18446744073709551615\""),
        ] as [(UInt64, String)])
    func everySeedKeepsAllItsDigits(seed: UInt64, toml: String) {
        var configuration = configuration
        configuration.seed = seed
        #expect(configuration.options["seed"] == String(seed))
        #expect(line(.seed, configuration) == "seed = \(toml)")
    }

    @Test func codingKeepsEverything() throws {
        var configuration = configuration
        configuration.seed = .max
        configuration.attentionKernel = .auto
        configuration.learningRate = 0.1 + 0.2
        let data = try JSONEncoder().encode(configuration)
        #expect(try JSONDecoder().decode(TrainingConfiguration.self, from: data) == configuration)
        #expect(configuration.options["learning-rate"] == "0.30000000000000004")
    }

    @Test func ranksOfAHostShareItsProcessors() throws {
        let alone = try SingleProcess().computeThreads(requested: 0)
        #expect(alone >= 1)
        for ranks in 1...3 {
            let threads = try InMemoryGroup.run(ranks: ranks) { try $0.computeThreads(requested: 0) }
            // All are used, and none twice unless there are too few.
            #expect(threads == [Int](repeating: max(1, alone / ranks), count: ranks))
            #expect(try InMemoryGroup.run(ranks: ranks) { try $0.computeThreads(requested: 5) }.allSatisfy { $0 == 5 })
        }
    }

    @Test func ranksShareOnlyTheSameProcessors() throws {
        let processors = [[0, 1, 2, 3], [4, 5, 6, 7, 8], [0, 1, 2, 3]]
        let threads = try InMemoryGroup.run(ranks: 3) { communicator in
            try communicator.computeThreads(requested: 0, processors: processors[communicator.rank])
        }
        #expect(threads == [2, 5, 2])
    }
}
