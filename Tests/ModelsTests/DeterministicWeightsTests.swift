import Testing

@Suite struct DeterministicWeightsTests {
    struct Fixture: Decodable {
        struct Sample: Decodable {
            let name: String
            let shape: [Int]
            let hash: String
            let firstBits: [UInt32]
            let lastBits: UInt32
            let sum: Double
        }
        let samples: [Sample]
    }

    @Test func weightsEqualThoseOfPythonBitForBit() throws {
        let fixture: Fixture = try loadPyTorchFixture("deterministic-weights")
        #expect(fixture.samples.count == 11)
        for sample in fixture.samples {
            #expect(WeightRandom(name: sample.name).state == UInt64(sample.hash, radix: 16), "\(sample.name)")
            let values = deterministicWeights(sample.name, shape: sample.shape)
            #expect(values.count == sample.shape.reduce(1, *))
            #expect(values.prefix(5).map(\.bitPattern) == sample.firstBits, "\(sample.name)")
            #expect(values.last?.bitPattern == sample.lastBits, "\(sample.name)")
            let sum = values.reduce(0.0) { $0 + Double($1) }
            #expect(abs(sum - sample.sum) <= 1e-9 * Double(values.count), "\(sample.name)")
        }
    }
}
