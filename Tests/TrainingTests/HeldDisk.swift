import Foundation
import Safetensors
import Training

/// Writes no checkpoint before it is let go, as a slow disk does, and then keeps it in memory.
final class HeldDisk: CheckpointDestination, @unchecked Sendable {
    struct DiskFull: Error, Equatable {
        let step: Int
    }

    private let condition = NSCondition()
    private let failingStep: Int?
    private let failure: (any Error)?
    private let letsGoWhenAwaited: Bool
    private var permits: Int
    private var begunSteps: [Int] = []
    private var awaitedSteps: [Int] = []
    private var written: [Checkpoint] = []
    private var atOnce = 0
    private var mostAtOnce = 0

    /// - Parameters:
    ///   - permits: writes that are not held up.
    ///   - failingStep: of the checkpoint that cannot be written.
    ///   - failure: of that checkpoint; `DiskFull` if it is nil.
    ///   - letsGoWhenAwaited: as soon as training waits for a write, it goes on.
    init(permits: Int = 0, failingStep: Int? = nil, failure: (any Error)? = nil, letsGoWhenAwaited: Bool = false) {
        self.failure = failure
        self.letsGoWhenAwaited = letsGoWhenAwaited
        self.permits = permits
        self.failingStep = failingStep
    }

    func write(_ checkpoint: Checkpoint, isBest: Bool) throws {
        try condition.withLock {
            begunSteps.append(checkpoint.state.step)
            atOnce += 1
            mostAtOnce = max(mostAtOnce, atOnce)
            condition.broadcast()
            while permits == 0 { condition.wait() }
            permits -= 1
            atOnce -= 1
            if checkpoint.state.step == failingStep { throw failure ?? DiskFull(step: checkpoint.state.step) }
            written.append(checkpoint.stored)
        }
    }

    func isAwaited(step: Int) {
        condition.withLock { awaitedSteps.append(step) }
        if letsGoWhenAwaited { permit(1) }
    }

    /// Lets so many writes go on.
    func permit(_ count: Int = .max / 2) {
        condition.withLock {
            permits += count
            condition.broadcast()
        }
    }

    /// Waits until the write of a step has begun.
    func waitForBegin(ofStep step: Int) {
        condition.withLock {
            while !begunSteps.contains(step) { condition.wait() }
        }
    }

    var begun: [Int] { condition.withLock { begunSteps } }
    var awaited: [Int] { condition.withLock { awaitedSteps } }
    var checkpoints: [Checkpoint] { condition.withLock { written } }
    var steps: [Int] { checkpoints.map(\.state.step) }
    var mostWritesAtOnce: Int { condition.withLock { mostAtOnce } }
}

extension Checkpoint {
    /// With all bytes in memory.
    fileprivate var stored: Checkpoint {
        Checkpoint(state: state, model: model.stored, optimizer: optimizer.stored)
    }
}

extension SafetensorsFile {
    fileprivate var stored: SafetensorsFile {
        SafetensorsFile(
            metadata: metadata,
            tensors: tensors.map {
                SafetensorsTensor(name: $0.name, elementType: $0.elementType, shape: $0.shape, bytes: $0.bytes)
            })
    }
}
