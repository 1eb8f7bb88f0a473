import ArgumentParser
import Benchmarking
import Collectives
import MPICollectives

struct BenchmarkAllreduce: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "allreduce",
        abstract: "Time sums over the ranks, beside MPI_Allreduce and a copy of the same memory.",
        discussion: """
            From 8 bytes up. Sums are checked before they are timed. The limit is a plain copy of the buffer on all
            ranks at once: each rank must at least read every byte of its buffer once and write it once. AAM_RANKS_PER_NODE=k makes each k ranks of a host a
            node of their own, whose leaders send messages as hosts would.

              mpirun -n 2 aam benchmark allreduce
              mpirun -n 64 --hostfile hosts aam benchmark allreduce --wire bfloat16 --json allreduce.json
            """)

    @Option(help: "The largest buffer on each rank, in MiB.") var mebibytes = 100
    @Option(help: "What is sent between nodes: Floats as they are, or rounded to half of the bytes.")
    var wire: WireFormat = .float32
    @Option(help: "Write the figures as JSON.", completion: .file()) var json: String?

    func validate() throws {
        try require((1...1 << 12).contains(mebibytes), "mebibytes", "from 1 to \(1 << 12)", mebibytes)
    }

    func run() throws {
        throw ExitCode(
            runJob { communicator in
                let library = communicator as? MPICommunicator
                let benchmark = AllreduceBenchmark(
                    on: communicator, mebibytes: mebibytes, wire: wire,
                    rival: library.map { library in { try library.libraryAllreduce(&$0) } })
                let figures = try benchmark.figures()
                if communicator.rank == 0 { try figures.report(json: json) }
            })
    }
}
