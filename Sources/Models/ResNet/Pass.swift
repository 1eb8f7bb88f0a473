/// What a forward is for.
public enum Pass {
    /// Running statistics; nothing is kept for a backward.
    case inference
    /// An inference that shows the maps of the attention modules, each as it is made.
    case observing((AttentionRecord) -> Void)
    /// Batch statistics, over all ranks if a reduction is given; activations are kept for one backward.
    case training(StatisticsReduction?)

    var isTraining: Bool {
        if case .training = self { return true }
        return false
    }

    var observer: ((AttentionRecord) -> Void)? {
        if case .observing(let observer) = self { return observer }
        return nil
    }
}
