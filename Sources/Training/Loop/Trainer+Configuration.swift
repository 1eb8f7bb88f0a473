import Collectives

extension Trainer {
    /// Reads the configuration's data set, and makes a trainer that computes with `configuration.threads` threads.
    ///
    /// - Parameters:
    ///   - configuration: what to train, on what, and how.
    ///   - observer: is told what happens.
    ///   - communicator: the job's ranks, all of which must call it. By default this process alone.
    /// - Throws: `DatasetError` for a folder that cannot be read; `TrainingError` for a data set or configuration that
    ///   cannot be trained; a failure of communication.
    public convenience init(
        _ configuration: TrainingConfiguration, observer: any TrainingObserver,
        communicator: any Communicator = SingleProcess()
    ) throws {
        let dataset = try communicator.agreeing("reading the data set", configuration.readDataset)
        let threads = try communicator.computeThreads(requested: configuration.threads, warn: observer.warning)
        if communicator.rank == 0 { for warning in dataset.warnings { try observer.warning(warning) } }
        try self.init(
            configuration, dataset: dataset, communicator: communicator, observer: observer, threads: threads)
    }
}
