import Foundation
import Testing

/// 20 classes of CUB-200-2011, where they have been unpacked.
private let cub20 = URL(filePath: #filePath).deletingLastPathComponent()
    .appending(path: "../../../shared/data/cub20/CUB_200_2011").standardizedFileURL.path

extension Command {
    @Suite(.enabled(if: exists(cub20), "needs ../shared/data/cub20"))
    struct RealBirds {
        @Test func everyTestImageIsPredictedOnceWhateverTheRanks() throws {
            let folder = try TemporaryFolder()
            let run = folder("run")
            try AAM.succeed(
                AAM.training(on: cub20, into: run, ["--image-size=64", "--batch-size=16", "--epochs=1"]), ranks: 2)
            let expected = try Birds.images(isTraining: false, of: cub20)
            try #require(expected.count == 515)
            let classes = try Birds.rows("classes.txt", of: cub20).map(\.value)
            var results: Set<String> = []
            for ranks in 1...3 {
                let path = folder("\(ranks).csv")
                let output = try AAM.succeed(
                    AAM.evaluation(of: run, on: cub20, ["--predictions=\(path)"]), ranks: ranks
                ).stdout
                let predictions = try Predictions(path, ranks: 5)
                #expect(predictions.rows.map(\.path) == expected.map(\.path))
                #expect(predictions.rows.map(\.label) == expected.map(\.label))
                predictions.expectSound(classes: Set(classes))
                let inTop5 = predictions.rows.count { row in row.ranking.contains { $0.name == row.label } }
                results.insert("\(predictions.correct) \(inTop5)")
                let percent = [predictions.correct, inTop5].map { String(format: "%.2f", 100 * Double($0) / 515) }
                #expect(output.contains(", test: top-1 \(percent[0]) %  top-5 \(percent[1]) %  loss "), "\(output)")
                #expect(output.contains("  515 images in "))
                // 5 % is a guess among 20.
                #expect(predictions.correct > 26, "an epoch should teach something: \(predictions.correct) of 515")
            }
            #expect(results.count == 1, "\(results)")
        }
    }
}
