import Testing
import Training

@Suite struct ConfusionMatrixTests {
    /// Three classes with 4, 2 and 0 images.
    let matrix: ConfusionMatrix = {
        var matrix = ConfusionMatrix(classes: 3)
        for (label, predicted) in [(0, 0), (0, 0), (0, 0), (0, 1), (1, 2), (1, 0)] {
            matrix.add(label: label, predicted: predicted)
        }
        return matrix
    }()

    @Test func accuraciesAreOfEachClass() {
        #expect((0..<3).map(matrix.accuracy) == [0.75, 0, nil])
        #expect((0..<3).map(matrix.count) == [4, 2, 0])
        #expect(matrix[0, 1] == 1 && matrix[1, 0] == 1 && matrix[2, 2] == 0)
        #expect(matrix.share(2, 0) == 0)
    }

    @Test func macroAverageLeavesOutClassesWithoutImages() {
        #expect(matrix.macroAverage == 0.375)
        #expect(ConfusionMatrix(classes: 2).macroAverage == 0)
    }

    @Test func confusedPairsComeByCountThenShareThenClass() {
        var matrix = matrix
        matrix.add(label: 2, predicted: 1)
        matrix.add(label: 2, predicted: 1)
        let pairs = matrix.confusedPairs
        #expect(pairs.map { [$0.label, $0.predicted, $0.count] } == [[2, 1, 2], [1, 0, 1], [1, 2, 1], [0, 1, 1]])
        #expect(pairs.map(\.share) == [1, 0.5, 0.5, 0.25])
    }
}
