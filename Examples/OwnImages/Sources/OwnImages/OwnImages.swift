import Datasets
import Foundation
import Models
import Training

/// Trains a ResNet with aggregate attention on a folder that has a sub-folder of images for each class, and classifies
/// an image with the best checkpoint.
@main struct OwnImages {
    static func main() {
        let arguments = CommandLine.arguments
        guard arguments.count == 4 else { fail("usage: OwnImages IMAGES RUN-FOLDER IMAGE") }
        var configuration = TrainingConfiguration(data: arguments[1], output: arguments[2])
        configuration.dataset = .folder
        configuration.model = .resnet18
        configuration.attention = .aam
        configuration.imageSize = 64
        configuration.epochs = 3
        do {
            let trainer = try Trainer(configuration, observer: Progress())
            print("\(trainer.dataset.train.count) images, \(trainer.model.parameters.count) tensors of weights")
            _ = try trainer.run(resume: .never)
            let best = try TrainedModel(checkpoint: "\(configuration.output)/best").classify([arguments[3]])[0]
            for (label, probability) in zip(best.ranking, best.probabilities) {
                print("\(trainer.dataset.classNames[label]): \(probability)")
            }
        } catch {
            fail("\(error)")
        }
    }

    static func fail(_ message: String) -> Never {
        FileHandle.standardError.write(Data("\(message)\n".utf8))
        exit(1)
    }
}

/// Tells how training goes.
final class Progress: TrainingObserver {
    func warning(_ message: String) { print("warning: \(message)") }
    func finished(_ step: StepRecord) { print("step \(step.step) of \(step.totalSteps): loss \(step.loss)") }
    func finished(_ validation: ValidationRecord) { print("top-1: \(validation.result.top1)") }
}
