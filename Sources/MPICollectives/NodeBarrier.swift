import CMPI

/// Where the ranks of a node wait for each other, in memory that they share.
///
/// A rank that comes early looks for the others for some microseconds and then sleeps in the kernel: it may have to
/// share its core with the computation that the others are still busy with. (MPI_Barrier never sleeps.)
struct NodeBarrier {
    /// Looks before a rank sleeps, some tens of nanoseconds each: what waking a sleeper would cost.
    private static let patience = 1000

    private let size: Int32
    // A cache line each: arrivals must not disturb those who watch the generation.
    private let arrived: UnsafeMutablePointer<Int32>
    /// Times that all ranks have met.
    private let generation: UnsafeMutablePointer<Int32>
    private let sleepers: UnsafeMutablePointer<Int32>

    /// - Parameter memory: 192 bytes on a cache line's start, the same for all ranks, zero at first.
    init(ranks: Int, at memory: UnsafeMutableRawPointer) {
        size = Int32(ranks)
        arrived = memory.assumingMemoryBound(to: Int32.self)
        generation = arrived + 16
        sleepers = arrived + 32
    }

    /// Returns once all ranks have called it. What each wrote before is visible to all after.
    func wait() {
        let mine = CMPI_load(generation)
        if CMPI_add(arrived, 1) == size - 1 {
            CMPI_store(arrived, 0)
            CMPI_store(generation, mine &+ 1)
            if CMPI_load(sleepers) > 0 { CMPI_futex_wake_all(generation) }
            return
        }
        for _ in 0..<Self.patience {
            if CMPI_load(generation) != mine { return }
            CMPI_pause()
        }
        // Counted before the kernel compares the generation, so that whoever changes it sees that one may sleep.
        _ = CMPI_add(sleepers, 1)
        while CMPI_load(generation) == mine { CMPI_futex_wait(generation, mine) }
        _ = CMPI_add(sleepers, -1)
    }
}
