import Foundation

/// What Tools/pytorch/make_recipe_fixture.py had PyTorch compute.
struct RecipeFixture: Decodable {
    struct Schedule: Decodable {
        let shape: String
        let warmup: Int
        let rates: [Double]
    }

    struct Update: Decodable {
        let steps: Int
        let values, averages: [Double]
    }

    struct MixedLabels: Decodable {
        let labels, others: [Int32]
        let weights, losses, gradient: [Double]
    }

    let schedules: [Schedule]
    let update: [Update]
    let mixedLabels: MixedLabels

    static func load() throws -> RecipeFixture {
        let root = URL(filePath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
        let json = try Data(contentsOf: root.appending(path: "Fixtures/pytorch/recipe.json"))
        return try JSONDecoder().decode(RecipeFixture.self, from: json)
    }
}
