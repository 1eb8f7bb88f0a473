import CMPI
import Foundation

/// Messages under way, which are waited for together.
final class Requests {
    private let handles: UnsafeMutablePointer<MPI_Request?>
    private let statuses: UnsafeMutablePointer<MPI_Status>
    private let capacity: Int
    private var count = 0
    private let communicator: MPI_Comm
    private let check: MPIStatusCheck

    init(capacity: Int, on communicator: MPI_Comm, check: MPIStatusCheck) {
        self.capacity = capacity
        self.communicator = communicator
        self.check = check
        handles = .allocate(capacity: capacity)
        handles.initialize(repeating: CMPI_REQUEST_NULL(), count: capacity)
        statuses = .allocate(capacity: capacity)
        statuses.initialize(repeating: MPI_Status(), count: capacity)
    }

    deinit {
        handles.deallocate()
        statuses.deallocate()
    }

    /// Both do nothing with an empty buffer. The memory must stay until `wait` has returned.
    func send(_ bytes: UnsafeRawBufferPointer, to rank: Int, tag: Int32) throws {
        guard let start = bytes.baseAddress, !bytes.isEmpty else { return }
        try check(
            "MPI_Isend",
            MPI_Isend(start, Int32(bytes.count), CMPI_UINT8(), Int32(rank), tag, communicator, next()))
    }

    func receive(_ bytes: UnsafeMutableRawBufferPointer, from rank: Int, tag: Int32) throws {
        guard let start = bytes.baseAddress, !bytes.isEmpty else { return }
        try check(
            "MPI_Irecv",
            MPI_Irecv(start, Int32(bytes.count), CMPI_UINT8(), Int32(rank), tag, communicator, next()))
    }

    /// Returns once all messages are through.
    ///
    /// The library has no call that waits without polling. Between looks this sleeps, once it has not paid to hurry:
    /// the same core computes.
    func wait() throws {
        var looks = 0
        while true {
            var done: Int32 = 0
            let code = MPI_Testall(Int32(count), handles, &done, statuses)
            if code == MPI_ERR_IN_STATUS {
                for index in 0..<count where statuses[index].MPI_ERROR != MPI_ERR_PENDING {
                    try check("MPI_Testall", statuses[index].MPI_ERROR)
                }
            }
            try check("MPI_Testall", code)
            if done != 0 { break }
            looks += 1
            if looks > 100 { usleep(20) } else { sched_yield() }
        }
        count = 0
    }

    private func next() -> UnsafeMutablePointer<MPI_Request?> {
        precondition(count < capacity, "more than \(capacity) messages")
        count += 1
        return handles + (count - 1)
    }
}
