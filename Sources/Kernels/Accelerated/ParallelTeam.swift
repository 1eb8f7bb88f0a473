import Foundation

/// Runs a loop's iterations on several threads, with a fixed share for each.
///
/// oneDNN's kernels run on an OpenMP team whose threads go on spinning for a while after each of them. To start other
/// threads for the loops between would make both compete for the cores, so these loops run on the same team, through
/// the entry point that compiled OpenMP code calls. Where there is no OpenMP runtime, Dispatch does it.
struct ParallelTeam {
    let threads: Int

    private typealias SetThreads = @convention(c) (Int32) -> Void
    private typealias Region = @convention(c) (UnsafeMutableRawPointer?) -> Void
    private typealias Parallel = @convention(c) (Region, UnsafeMutableRawPointer?, UInt32, UInt32) -> Void
    fileprivate typealias Query = @convention(c) () -> Int32

    private let parallel: Parallel?
    private let threadNumber: Query?
    private let teamSize: Query?

    /// Also bounds the threads of the OpenMP kernels that the calling thread starts.
    init(threads: Int) {
        self.threads = threads
        func symbol<Function>(_ name: String, as type: Function.Type) -> Function? {
            dlsym(nil, name).map { unsafeBitCast($0, to: type) }
        }
        symbol("omp_set_num_threads", as: SetThreads.self)?(Int32(threads))
        parallel = symbol("GOMP_parallel", as: Parallel.self)
        threadNumber = symbol("omp_get_thread_num", as: Query.self)
        teamSize = symbol("omp_get_num_threads", as: Query.self)
    }

    /// Calls `body` once with each of 0 ..< count; which thread makes which call depends on the counts alone.
    func forEach(_ count: Int, _ body: (Int) -> Void) {
        forEachShare(count) { share in
            for index in share { body(index) }
        }
    }

    /// Calls `body` at most once a thread, with ranges that cover 0 ..< count.
    func forEachShare(_ count: Int, _ body: (Range<Int>) -> Void) {
        let shares = min(threads, count)
        guard shares > 1 else {
            if count > 0 { body(0..<count) }
            return
        }
        func share(_ index: Int) -> Range<Int> { index * count / shares..<(index + 1) * count / shares }
        guard let parallel, let threadNumber, let teamSize else {
            withoutActuallyEscaping(body) { body in
                let work = UncheckedSendable { index in body(share(index)) }
                DispatchQueue.concurrentPerform(iterations: shares) { work.call($0) }
            }
            return
        }
        withoutActuallyEscaping(body) { body in
            var work: (Int) -> Void = { index in body(share(index)) }
            withUnsafeMutablePointer(to: &work) { pointer in
                var region = ParallelRegion(
                    work: pointer, shares: shares, threadNumber: threadNumber, teamSize: teamSize)
                parallel(
                    { context in
                        guard let region = context?.assumingMemoryBound(to: ParallelRegion.self).pointee else { return }
                        // The runtime may grant fewer threads than were asked for.
                        let (first, team) = (Int(region.threadNumber()), Int(region.teamSize()))
                        for share in stride(from: first, to: region.shares, by: team) { region.work.pointee(share) }
                    }, &region, UInt32(shares), 0)
            }
        }
    }
}

private struct ParallelRegion {
    let work: UnsafeMutablePointer<(Int) -> Void>
    let shares: Int
    let threadNumber: ParallelTeam.Query
    let teamSize: ParallelTeam.Query
}

/// The closure is called by threads that are joined before it goes away.
private struct UncheckedSendable: @unchecked Sendable {
    let call: (Int) -> Void
}
