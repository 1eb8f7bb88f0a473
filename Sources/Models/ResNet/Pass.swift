/// What a forward is for.
public enum Pass {
    /// Running statistics; nothing is kept for a backward.
    case inference
    /// Batch statistics, over all ranks if a reduction is given; activations are kept for one backward.
    case training(StatisticsReduction?)

    var isTraining: Bool {
        if case .training = self { return true }
        return false
    }
}
