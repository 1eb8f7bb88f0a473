import Collectives
import Datasets
import Foundation
import HTMLReport
import Reporting
import Training
import Watching

/// Evaluates what runs' reports need to know of their models, over all ranks.
struct ReportJob {
    let data: String?
    let split: DatasetSplit?
    let batchSize: Int
    let pictureSize: Int
    let limits: ReportPage.Limits
    let computing: ComputingOptions
    /// That this rank computes with.
    let threads: Int
    let console: Console
    let watch: JobWatch

    /// What all ranks do about a run, as rank 0 decides.
    private enum Plan: String {
        /// Nothing: it is known, or cannot be.
        case nothing
        /// Rank 0 makes pictures.
        case pictures
        case evaluation
    }

    /// Adds the run's evaluation, or why there is none; what all ranks must call, and rank 0 gets.
    /// - Throws: failures of communication, of the disk, and of the evaluation itself.
    func complete(_ run: inout RecordedRun, on communicator: any Communicator) throws {
        var plan = Plan.nothing
        var request: ReportedModel.Request?
        var model: ReportedModel?
        func makeModel(_ request: ReportedModel.Request) throws -> ReportedModel {
            try ReportedModel(request, split: split, batchSize: batchSize, computing: computing, threads: threads)
        }
        if communicator.rank == 0 {
            do {
                let wanted = try ReportedModel.Request(run, data: data, split: split, pictureSize: pictureSize)
                request = wanted
                run.evaluation = EvaluationCache(run: run.folder).read(wanted.key)
                plan = run.evaluation.map { isComplete($0) ? .nothing : .pictures } ?? .evaluation
                if plan != .nothing { model = try makeModel(wanted) }
            } catch {
                // What is known is shown all the same.
                if run.evaluation == nil { run.missing = "\(run.name): \(error)" }
                plan = .nothing
            }
        }
        plan = Plan(rawValue: try communicator.broadcast(plan.rawValue, from: 0)) ?? .nothing
        guard plan != .nothing else { return }
        if plan == .evaluation {
            let own = try communicator.agreeing("preparing the evaluation of \(run.folder)") {
                try model
                    ?? makeModel(
                        try request
                            ?? ReportedModel.Request(run, data: data, split: split, pictureSize: pictureSize))
            }
            let found = try evaluate(run, own, isAverage: request?.isAverage ?? false, on: communicator)
            if communicator.rank == 0 { run.evaluation = found }
        }
        try communicator.agreeing("making the pictures of \(run.folder)") {
            guard let request, let model, var evaluation = run.evaluation else { return }
            try ReportPictures(model, size: pictureSize).add(EvaluationSelection(evaluation, limits), to: &evaluation)
            run.evaluation = evaluation
            keep(evaluation, of: run, request.key)
        }
    }

    private func isComplete(_ evaluation: RunEvaluation) -> Bool {
        let selection = EvaluationSelection(evaluation, limits)
        return selection.images.allSatisfy { evaluation.pictures[$0] != nil }
            && selection.errors.allSatisfy { evaluation.maps[$0] != nil }
    }

    private func evaluate(
        _ run: RecordedRun, _ model: ReportedModel, isAverage: Bool, on communicator: any Communicator
    ) throws -> RunEvaluation? {
        let (trained, samples) = (model.trained, model.samples)
        trained.model.backend.recorder = watch.recorder
        let evaluator = Evaluator(
            samples: samples, view: trained.preprocessing.view, imageSize: trained.preprocessing.imageSize,
            cropBoxes: trained.preprocessing.cropBoxes, batchSize: batchSize, loaderThreads: computing.loaderThreads,
            skipUnreadable: true)
        let warnings = WarningReporter(rank: communicator.rank)
        let (_, predictions) = try evaluator.run(
            trained.model, on: communicator, skipped: { warnings.warning($0.warning) },
            progress: { done, seconds in
                if communicator.rank == 0 { console.show(ProgressLine.evaluation(done, of: samples.count, seconds)) }
            }, stop: { watch.stop })
        guard communicator.rank == 0 else { return nil }
        console.clear()
        console.write(.note("\(run.name): \(predictions.count) images of \(model.dataset.name) classified"))
        return RunEvaluation(
            step: trained.step, isAverage: isAverage, dataset: model.dataset.name, split: model.split.rawValue,
            classNames: model.dataset.classNames,
            images: predictions.map { prediction in
                RunEvaluation.Image(
                    path: samples[prediction.index].relativePath, label: samples[prediction.index].label,
                    ranking: prediction.ranking, probabilities: prediction.probabilities, loss: prediction.loss)
            })
    }

    /// A run folder that cannot be written to makes reports slower, not impossible.
    private func keep(_ evaluation: RunEvaluation, of run: RecordedRun, _ key: EvaluationCache.Key) {
        do {
            try EvaluationCache(run: run.folder).write(evaluation, key)
        } catch {
            console.write(.warning("what was found out about \(run.name) is not kept for later reports: \(error)"))
        }
    }
}
