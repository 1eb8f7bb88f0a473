import Collectives
import Datasets
import Models
import Safetensors

extension Trainer {
    /// Starts from pretrained weights, if the configuration names any.
    func loadWeights() throws {
        guard configuration.weights != "none" else { return }
        let weights = try communicator.agreeing("reading the weights \(configuration.weights)") {
            try model.loadPretrained(try SafetensorsFile.read(configuration.weights))
        }
        for note in weights.notes { try observer.note(note) }
    }

    /// - Returns: whether there was a checkpoint to start from.
    func restore(_ choice: ResumeChoice) throws -> Bool {
        // Rank 0 chooses, so that all ranks start from the same checkpoint whatever happens on the disk meanwhile.
        let point = try communicator.agreeing("choosing a checkpoint") {
            communicator.rank == 0 ? try store.resolve(choice) : nil
        }
        for warning in point?.warnings ?? [] { try observer.warning(warning) }
        if let images = point?.checkpoint.state.trainingImages, images != fingerprint {
            try observer.warning("the training images are not those that this run's checkpoint was trained on")
        }
        let path = try communicator.broadcast(point?.path ?? "", from: 0)
        guard !path.isEmpty else { return false }
        try communicator.agreeing("reading the checkpoint \(path)") {
            try restore(try point?.checkpoint ?? Checkpoint.load(path), path: path)
        }
        try observer.note(
            "resumed from \(path): epoch \(progress.epoch + 1), step \(progress.step) of \(progress.step + stepsLeft)")
        return true
    }

    private func restore(_ checkpoint: Checkpoint, path: String) throws {
        let found = try ModelConfiguration(metadata: checkpoint.model.metadata, path: path)
        try model.configuration.requireSame(as: found, path: path)
        let state = checkpoint.state
        if state.batchInEpoch > 0 {
            let defaults = TrainingConfiguration(data: "", output: "").options
            for option in ["batch-size", "accumulate", "seed"] {
                // Runs from before an option existed had its default.
                let was = state.configuration[option] ?? defaults[option] ?? ""
                let given = configuration.options[option] ?? ""
                guard was == given else {
                    throw TrainingError.otherDataOrder(path: path, option: option, was: was, given: given)
                }
            }
        }
        if state.batchInEpoch > 0, let images = state.trainingImages, images != fingerprint {
            throw TrainingError.otherTrainingImages(path: path, dataset: dataset.name, data: configuration.data)
        }
        guard state.batchInEpoch <= order.batchesPerEpoch else {
            throw TrainingError.otherEpochLength(
                path: path, batches: state.batchInEpoch, dataset: dataset.name, data: configuration.data,
                batchesPerEpoch: order.batchesPerEpoch)
        }
        guard state.epoch < configuration.epochs else {
            throw TrainingError.finishedAlready(path: path, epochs: state.epoch)
        }
        try model.load(checkpoint.model)
        try optimizer.load(checkpoint.optimizer)
        try objective.centers?.load(checkpoint.optimizer)
        if let average, let file = checkpoint.average { try average.load { try model.load(file) } }
        if state.worldSize == communicator.size,
            let own = try RankStatistics.values(ofRank: communicator.rank, in: checkpoint.optimizer),
            let replaced = statistics.replaced(by: own)
        {
            statistics = replaced
        }
        progress = TrainingProgress(state)
        // One that a new run of this folder may go on from needs not be written again.
        if path == store.path(ofStep: state.step) { savedStep = state.step }
        if state.batchInEpoch == 0, hasStalled {
            throw TrainingError.stoppedAlready(path: path, patience: configuration.patience)
        }
    }

    func makeLoader() throws -> BatchLoader {
        let plans = (progress.epoch..<configuration.epochs).flatMap { epoch in
            order.plans(
                epoch: epoch, from: epoch == progress.epoch ? progress.batchInEpoch : 0, rank: communicator.rank,
                of: communicator.size)
        }
        return try BatchLoader(
            samples: dataset.train, plans: plans,
            transform: configuration.trainingTransform,
            seed: configuration.seed, threads: configuration.loaderThreads, mixing: configuration.mixing,
            skippingUnreadable: configuration.skipUnreadable, recorder: recorder, pool: model.backend.pool)
    }
}
