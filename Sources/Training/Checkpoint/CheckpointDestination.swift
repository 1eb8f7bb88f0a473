/// Where a `CheckpointWriter` writes.
public protocol CheckpointDestination: Sendable {
    /// Writes a checkpoint; when it returns, the checkpoint is safe and its tensors must not be read any more. Called on a
    /// thread of the writer's.
    func write(_ checkpoint: Checkpoint, isBest: Bool) throws

    /// Training begins to wait for the checkpoint of `step`.
    func isAwaited(step: Int)
}

extension CheckpointStore: CheckpointDestination {
    public func write(_ checkpoint: Checkpoint, isBest: Bool) throws { try save(checkpoint, isBest: isBest) }
    public func isAwaited(step: Int) {}
}
