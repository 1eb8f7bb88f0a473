extension TrainingConfiguration {
    /// Whether a step gets a line of its own: every `logEvery`th, and the last one of an epoch.
    /// - Parameters:
    ///   - step: from 1.
    ///   - stepInEpoch: from 1.
    ///   - stepsPerEpoch: the last of them is always logged.
    public func isLogged(step: Int, stepInEpoch: Int, of stepsPerEpoch: Int) -> Bool {
        step % logEvery == 0 || stepInEpoch == stepsPerEpoch
    }
}
