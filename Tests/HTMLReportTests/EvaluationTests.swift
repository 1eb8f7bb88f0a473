import HTMLReport
import Testing
import Training

struct EvaluationTests {
    /// Label, predicted class and its probability of each image.
    private func evaluation(_ images: [(label: Int, predicted: Int, probability: Double)]) -> RunEvaluation {
        RunEvaluation(
            step: 8, isAverage: false, dataset: "birds", split: "test", classNames: ["a", "b", "c"],
            images: images.enumerated().map { index, image in
                let loss = image.label == image.predicted ? 0.1 : 1 + image.probability
                return RunEvaluation.Image(
                    path: "\(index).jpg", label: image.label, ranking: [image.predicted],
                    probabilities: [image.probability], loss: loss)
            })
    }

    @Test func pairShowsTheSurestMistakesBesideGenuineImages() throws {
        let evaluation = evaluation([
            (0, 1, 0.6), (0, 1, 0.9), (0, 0, 0.9), (1, 1, 0.7), (1, 1, 0.8), (1, 2, 0.95), (2, 0, 0.5),
        ])
        let selection = EvaluationSelection(evaluation, pairs: 5, images: 3, errors: 2)
        let pair = try #require(selection.pairs.first)
        #expect(selection.pairs.count == 1, "pairs of single images are left out")
        #expect((pair.label, pair.predicted) == (0, 1) && (pair.count, pair.total) == (2, 3))
        #expect(pair.mistaken == [1, 0])
        #expect(pair.genuine == [4, 3, 5])
        #expect(selection.errors == [5, 1])
        #expect(selection.images == [0, 1, 3, 4, 5])
    }

    @Test func onlySingleMistakesAreShownWhereThereAreNoOthers() {
        let selection = EvaluationSelection(
            evaluation([(0, 1, 0.6), (1, 1, 0.5)]), pairs: 5, images: 3, errors: 2)
        #expect(selection.pairs.map(\.mistaken) == [[0]])
    }

    @Test func cellsOfOneShadeAreOnePath() {
        var matrix = ConfusionMatrix(classes: 3)
        for label in 0..<3 { matrix.add(label: label, predicted: label) }
        matrix.add(label: 2, predicted: 0)
        let grid = ConfusionGrid(matrix)
        #expect(grid.svg.text.contains("<path class=\"cell right level-6\" d=\"M0 0h1v1h-1zM1 1h1v1h-1z\"/>"))
        #expect(grid.svg.text.contains("<path class=\"cell wrong level-5\" d=\"M0 2h1v1h-1z\"/>"))
        #expect(grid.cells == [0, 0, 1, 1, 1, 1, 2, 0, 1, 2, 2, 1])
        #expect(ConfusionGrid.level(1e-9) == 1 && ConfusionGrid.level(1) == ConfusionGrid.levels)
    }
}
