import Foundation
import Tensors
import Testing

/// The expected numbers were printed by Tools/fixtures/random_generator.py.
@Suite struct RandomGeneratorTests {
    @Test func sequenceOfAKnownStateIsXoshiro() throws {
        let state = Data(#"{"s0": 1, "s1": 2, "s2": 3, "s3": 4}"#.utf8)
        var generator = try JSONDecoder().decode(RandomGenerator.self, from: state)
        #expect(
            (0..<8).map { _ in generator.next() } == [
                11520, 0, 1_509_978_240, 1_215_971_899_390_074_240, 1_216_172_134_540_287_360, 607_988_272_756_665_600,
                16_172_922_978_634_559_625, 8_476_171_486_693_032_832,
            ])
    }

    @Test(
        arguments: [
            ([], [417_076_188_001_242_754, 15_288_019_581_730_786_286, 4_515_635_844_134_201_779]),
            ([0], [1_643_233_820_804_274_000, 16_558_440_975_831_631_291, 12_507_962_113_370_894_600]),
            (
                [42, 7, 123_456_789],
                [8_566_928_959_783_734_782, 5_869_705_746_494_096_813, 16_968_101_003_785_044_227]
            ),
        ] as [([UInt64], [UInt64])])
    func sequenceOfAKeyNeverChanges(key: [UInt64], expected: [UInt64]) {
        var generator = RandomGenerator(key: key)
        #expect(expected == expected.map { _ in generator.next() })
    }

    @Test func uniformNumbersNeverChange() {
        var generator = RandomGenerator(5)
        #expect(
            (0..<3).map { _ in generator.uniform() } == [0.7176727521654424, 0.8298847569156912, 0.5350172706317171])
    }

    @Test func differentKeysGiveDifferentSequences() {
        let keys: [[UInt64]] = [[], [0], [1], [0, 0], [1, 2], [2, 1], [1, 2, 0], [.max]]
        let firstNumbers = keys.map { key in
            var generator = RandomGenerator(key: key)
            return generator.next()
        }
        #expect(Set(firstNumbers).count == keys.count)
    }

    @Test func savedStateContinuesTheSequence() throws {
        var generator = RandomGenerator(3, 4)
        for _ in 0..<100 { _ = generator.next() }
        let saved = try JSONEncoder().encode(generator)
        let expected = (0..<50).map { _ in generator.next() }
        var restored = try JSONDecoder().decode(RandomGenerator.self, from: saved)
        #expect(expected == (0..<50).map { _ in restored.next() })
        #expect(restored == generator)
    }

    @Test func uniformNumbersFillTheirRangeEvenly() {
        var generator = RandomGenerator(1)
        let draws = 100_000
        var bins = [Int](repeating: 0, count: 20)
        for _ in 0..<draws {
            let x = generator.uniform(-1, 3)
            #expect((-1..<3).contains(x))
            bins[Int((x + 1) * 5)] += 1
        }
        #expect(chiSquare(bins, draws) < 43.8)  // exceeded once in 1000 at 19 degrees of freedom
    }

    @Test func indicesAreUnbiased() {
        var generator = RandomGenerator(2)
        let draws = 30_000
        // Scaling a 64-bit number to this bound without rejection would give residues 3/8, 3/8 and 2/8.
        let bound = 3 << 61
        var residues = [0, 0, 0]
        var small = [Int](repeating: 0, count: 7)
        for _ in 0..<draws {
            let index = generator.index(below: bound)
            #expect((0..<bound).contains(index))
            residues[index % 3] += 1
            small[generator.index(below: 7)] += 1
        }
        #expect(chiSquare(residues, draws) < 13.8)  // once in 1000 at 2 degrees of freedom
        #expect(chiSquare(small, draws) < 22.5)  // once in 1000 at 6 degrees of freedom
        #expect((0..<100).allSatisfy { _ in generator.index(below: 1) == 0 })
    }

    @Test(arguments: [0, 1, 2, 10, 1000])
    func permutationHoldsEveryIndexOnce(count: Int) {
        var generator = RandomGenerator(7)
        let permutation = generator.permutation(count)
        #expect(permutation.sorted() == Array(0..<count))
        if count >= 10 { #expect(permutation != Array(0..<count)) }
    }

    @Test func everyPermutationIsAsLikely() {
        var generator = RandomGenerator(8)
        let draws = 12_000
        var counts: [[Int]: Int] = [:]
        for _ in 0..<draws { counts[generator.permutation(3), default: 0] += 1 }
        #expect(counts.count == 6)
        #expect(chiSquare(Array(counts.values), draws) < 20.5)  // once in 1000 at 5 degrees of freedom
    }

    @Test func normalNumbersHaveTheMomentsOfTheNormalDistribution() {
        var generator = RandomGenerator(9)
        let x = (0..<200_000).map { _ in generator.normal() }
        func moment(_ power: Int) -> Double {
            x.reduce(0) { $0 + pow($1, Double(power)) } / Double(x.count)
        }
        // Five standard deviations of the estimates.
        #expect(abs(moment(1)) < 0.012)
        #expect(abs(moment(2) - 1) < 0.016)
        #expect(abs(moment(3)) < 0.045)
        #expect(abs(moment(4) - 3) < 0.11)
    }

    /// Σ (count - expected)² / expected for bins that should be equally full.
    private func chiSquare(_ bins: [Int], _ draws: Int) -> Double {
        let expected = Double(draws) / Double(bins.count)
        return bins.reduce(0) { $0 + (Double($1) - expected) * (Double($1) - expected) / expected }
    }
}
