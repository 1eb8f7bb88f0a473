import Foundation
import Testing

/// The elements of a named tensor that Tools/pytorch/deterministic_weights.py computes too, bit for bit; the rules are
/// explained there.
///
/// - Returns: the elements in row-major order.
/// - Precondition: one of the rules fits the name and shape.
func deterministicWeights(_ name: String, shape: [Int]) -> [Float] {
    var random = WeightRandom(name: name)
    let uniform: () -> Float = { Float(random.next() >> 40) * 0x1p-24 }
    let symmetric: () -> Float = { 2 * uniform() - 1 }
    let element: () -> Float
    if name.hasPrefix("images") {
        element = { 2 * symmetric() }
    } else if name.contains("attention.") {
        element = { 0.3 * symmetric() }
    } else if name == "fc.weight" {
        let bound = Float((1 / Double(shape[1])).squareRoot())
        element = { bound * symmetric() }
    } else if name.hasSuffix(".running_mean") {
        element = { 0.1 * symmetric() }
    } else if name.hasSuffix(".running_var") {
        element = { 1 + 0.5 * uniform() }
    } else if shape.count == 4 {
        let bound = Float((6 / Double(shape[1...].reduce(1, *))).squareRoot())
        element = { bound * symmetric() }
    } else if name.hasSuffix(".weight") {
        element = { 1 + 0.1 * symmetric() }
    } else {
        precondition(name.hasSuffix(".bias"), "no rule for '\(name)' of shape \(shape)")
        element = { 0.1 * symmetric() }
    }
    return (0..<shape.reduce(1, *)).map { _ in element() }
}

/// SplitMix64 seeded with the FNV-1a hash of a name.
struct WeightRandom {
    private(set) var state: UInt64

    init(name: String) {
        state = name.utf8.reduce(14_695_981_039_346_656_037) { ($0 ^ UInt64($1)) &* 1_099_511_628_211 }
    }

    mutating func next() -> UInt64 {
        state &+= 0x9E37_79B9_7F4A_7C15
        var z = state
        z = (z ^ (z >> 30)) &* 0xBF58_476D_1CE4_E5B9
        z = (z ^ (z >> 27)) &* 0x94D0_49BB_1331_11EB
        return z ^ (z >> 31)
    }
}

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
        let root = URL(filePath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
        let json = try Data(contentsOf: root.appending(path: "Fixtures/pytorch/deterministic-weights.json"))
        let fixture = try JSONDecoder().decode(Fixture.self, from: json)
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
