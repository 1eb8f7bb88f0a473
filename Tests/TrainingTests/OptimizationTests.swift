import Foundation
import Kernels
import Tensors
import Testing
import Training

@Suite struct PolyScheduleTests {
    let schedule = LearningRateSchedule(base: 0.02, shape: .poly(end: 1e-5, power: 0.9), totalSteps: 1000)

    @Test func goesFromTheFirstRateToTheLast() {
        #expect(schedule.learningRate(at: 0) == 0.02)
        #expect(schedule.learningRate(at: 1000) == 1e-5)
        #expect(schedule.learningRate(at: 5000) == 1e-5)
    }

    @Test func fallsWithEveryStep() {
        let rates = (0...1000).map(schedule.learningRate)
        #expect(zip(rates, rates.dropFirst()).allSatisfy { $0 > $1 })
    }

    /// 1e-5 + 0.01999·(1 - t/1000)^0.9, as Python computes it.
    @Test(arguments: [(1, 0.01998200810012), (500, 0.01072237575805), (999, 0.00004988529368)])
    func followsTheFormula(step: Int, expected: Double) {
        #expect(abs(schedule.learningRate(at: step) - expected) < 1e-13)
    }

    @Test func powerOneIsALine() {
        let line = LearningRateSchedule(base: 1, shape: .poly(end: 0, power: 1), totalSteps: 8)
        #expect((0...8).map(line.learningRate) == [1, 0.875, 0.75, 0.625, 0.5, 0.375, 0.25, 0.125, 0])
    }
}

@Suite struct MomentumUpdateTests {
    struct Rule: Decodable, CustomTestStringConvertible {
        struct Result: Decodable {
            let steps: Int
            let values: [Float]
            /// None without momentum.
            let momenta: [Float]?
        }
        let learningRate: Double
        let momentum: Double
        let weightDecay: Double
        let nesterov: Bool
        let results: [Result]

        var testDescription: String { "momentum \(momentum), weight decay \(weightDecay), Nesterov \(nesterov)" }

        var update: MomentumUpdate {
            MomentumUpdate(
                learningRate: Float(learningRate), momentum: Float(momentum), weightDecay: Float(weightDecay),
                nesterov: nesterov)
        }
    }

    struct Fixture: Decodable {
        let cases: [Rule]
    }

    static let rules: [Rule] = {
        let root = URL(filePath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
        let json = try? Data(contentsOf: root.appending(path: "Fixtures/pytorch/momentum-update.json"))
        return json.flatMap { try? JSONDecoder().decode(Fixture.self, from: $0).cases } ?? []
    }()

    // As in Tools/pytorch/make_momentum_fixture.py.
    static let initial = (0..<19).map { Float(($0 * 37) % 19 - 9) / 8 }
    static func gradients(step: Int) -> [Float] { (0..<19).map { Float((23 * $0 + 11 * step) % 17 - 8) / 16 } }

    @Test func theFixtureIsThere() {
        #expect(Self.rules.count == 3)
        #expect(Self.rules.contains { $0.nesterov })
    }

    @Test(arguments: rules) func agreesWithPyTorch(rule: Rule) throws {
        let (values, momenta) = (Tensor(Self.initial, shape: [19]), Tensor.zeros([19]))
        var compared = 0
        for step in 0..<20 {
            rule.update.apply(to: values, gradients: Tensor(Self.gradients(step: step), shape: [19]), momenta: momenta)
            for result in rule.results where result.steps == step + 1 {
                // PyTorch fuses products and sums in other places.
                #expect(greatestDifference(values.elements, result.values.map(Double.init)) <= 5e-7)
                if let expected = result.momenta {
                    #expect(greatestDifference(momenta.elements, expected.map(Double.init)) <= 1e-6)
                }
                compared += 1
            }
        }
        #expect(compared == 3)
    }

    /// torch.optim.SGD's documentation: g = g + λθ; b = μb + g (b = g in the first step); g = g + μb with Nesterov's
    /// rule, else b; θ = θ - γg.
    @Test(arguments: rules, [1, 16, 37]) func followsTheDocumentedAlgorithm(rule: Rule, count: Int) {
        var generator = RandomGenerator(UInt64(count))
        func random() -> [Float] { (0..<count).map { _ in Float(generator.uniform(-1, 1)) } }
        let start = random()
        let (values, momenta) = (Tensor(start, shape: [count]), Tensor.zeros([count]))
        var (theta, buffer) = (start.map(Double.init), [Double]())
        for _ in 0..<20 {
            let gradients = random()
            rule.update.apply(to: values, gradients: Tensor(gradients, shape: [count]), momenta: momenta)
            let decayed = zip(gradients, theta).map { Double($0) + rule.weightDecay * $1 }
            buffer = buffer.isEmpty ? decayed : zip(buffer, decayed).map { rule.momentum * $0 + $1 }
            for index in theta.indices {
                let step = rule.nesterov ? decayed[index] + rule.momentum * buffer[index] : buffer[index]
                theta[index] -= rule.learningRate * step
            }
        }
        #expect(greatestDifference(values.elements, theta) <= 2e-6)
        #expect(greatestDifference(momenta.elements, buffer) <= 5e-6)
    }

    private func greatestDifference(_ a: [Float], _ b: [Double]) -> Double {
        a.count == b.count ? zip(a, b).map { abs(Double($0) - $1) }.max() ?? 0 : .infinity
    }
}
