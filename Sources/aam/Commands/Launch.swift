import ArgumentParser
import Foundation
import Launching
import Reporting

struct Launch: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "launch",
        abstract: "Run a command by mpirun, and again on the hosts that are left if a rank or a host is lost.",
        discussion: """
            Before each attempt every host is asked, by the agent that mpirun uses (ssh, as a rule), whether it answers. \
            mpirun starts a rank for each slot of those that do. If the job ends with an exit code of 128 or above, or \
            because a host is gone, it is started again with --resume auto. SIGINT, SIGTERM and SIGUSR1 stop it for good, \
            with a checkpoint; a second one does so at once.

              aam launch --hostfile hosts -- train --data CUB_200_2011 --batch-size 64 --output runs/cub
              aam launch --hostfile hosts --mpirun "mpirun --map-by ppr:1:socket:pe=16 --bind-to core" -- train …
            """)

    @Option(
        help: """
            Hosts and their slots, as mpirun reads them; a line without slots= is one rank. (default: Open MPI's default \
            host file if the environment names one, else this machine alone)
            """, completion: .file())
    var hostfile: String?
    @Option(help: "At most so many ranks. (default: a rank a slot; without hosts as many as mpirun starts)")
    var ranks: Int?
    @Option(help: "mpirun and its own options, apart from those for hosts and ranks.") var mpirun = "mpirun"
    @Option(help: "How often to start again.") var maxRestarts = 3
    @Option(help: "Seconds from the end of an attempt to the next.") var restartDelay = 5.0
    @Option(help: "Give up if fewer ranks are left.") var minRanks = 1
    @Option(help: "Seconds that a host has to answer.") var hostTimeout = 10.0
    @Option(help: "Seconds that mpirun has to end once the job has failed.") var grace = 20.0
    @Option(
        help: "A CSV file that gets a row an attempt. (default: attempts.csv in the run folder of a training)",
        completion: .file())
    var log: String?
    @Argument(parsing: .postTerminator, help: "After --: a command of aam, such as train, and its options.")
    var command: [String] = []

    func validate() throws {
        if let ranks { try require(ranks > 0, "ranks", "at least 1", ranks) }
        try require(maxRestarts >= 0, "max-restarts", "at least 0", maxRestarts)
        try require(restartDelay >= 0, "restart-delay", "at least 0", restartDelay)
        try require(minRanks > 0, "min-ranks", "at least 1", minRanks)
        try require(hostTimeout > 0, "host-timeout", "above 0", hostTimeout)
        try require(grace >= 0, "grace", "at least 0", grace)
        guard !command.isEmpty else {
            throw ValidationError("There is nothing to launch: give a command after --, as in aam launch -- train ….")
        }
    }

    func run() throws {
        let environment = ProcessInfo.processInfo.environment
        guard environment["OMPI_COMM_WORLD_RANK"] == nil else {
            throw ValidationError("aam launch starts mpirun; it is not to be started by it.")
        }
        let job = try LaunchedCommand(command)
        let words = try mpirunWords()
        let agent = try RemoteAgent(mpirun: words, environment: environment)
        var supervisor = Supervisor(probe: HostProbe(agent: agent, seconds: hostTimeout))
        supervisor.mpirun = words
        supervisor.hosts = try hosts(environment)
        supervisor.ranks = ranks
        supervisor.minimumRanks = minRanks
        supervisor.restarts = maxRestarts
        supervisor.delay = restartDelay
        supervisor.grace = grace
        try check(supervisor.hosts, job)
        supervisor.log = try makeLog(job)
        throw ExitCode(try supervisor.run(job))
    }

    private func hosts(_ environment: [String: String]) throws -> [LaunchHost]? {
        let given = environment["OMPI_MCA_orte_default_hostfile"].flatMap { $0 == "none" ? nil : $0 }
        return try (hostfile ?? given).map(HostFile.read)
    }

    /// What would say where or how many, which is for this command to say.
    private static let placing: Set = [
        "n", "np", "c", "hostfile", "machinefile", "host", "H", "default-hostfile", "default-host", "app",
    ]

    private func mpirunWords() throws -> [String] {
        let words = try commandWords(mpirun)
        guard !words.isEmpty else { throw ValidationError("--mpirun is empty.") }
        for word in words.dropFirst() where word.hasPrefix("-") {
            if Self.placing.contains(String(word.drop { $0 == "-" })) {
                throw ValidationError(
                    "--mpirun has \(word): give hosts by --hostfile, and the number of ranks by --ranks.")
            }
        }
        return words
    }

    private func check(_ hosts: [LaunchHost]?, _ job: LaunchedCommand) throws {
        guard let hosts else {
            // Nobody knows how many ranks mpirun will choose.
            guard minRanks <= ranks ?? 1 else {
                throw ValidationError("--min-ranks \(minRanks) needs a --hostfile, or --ranks \(minRanks) or more.")
            }
            return
        }
        let slots = hosts.reduce(0) { $0 + $1.slots }
        let all = min(ranks ?? slots, slots)
        if let ranks, ranks > slots {
            throw ValidationError("--ranks \(ranks) is more than the hosts' \(slots) slots.")
        }
        guard minRanks <= all else { throw ValidationError("--min-ranks \(minRanks) is more than the \(all) ranks.") }
        // A checkpoint goes on only with the batches that it was made with.
        if let size = job.batchSizePerRank, minRanks < all {
            throw ValidationError(
                "--batch-size-per-rank \(size) makes another batch of fewer ranks, with which the training cannot go on: "
                    + "give --batch-size \(size * all), or to launch --min-ranks \(all).")
        }
    }

    private func makeLog(_ job: LaunchedCommand) throws -> AttemptsFile? {
        if let log { return try AttemptsFile(path: log) }
        guard let output = job.output else { return nil }
        try FileManager.default.createDirectory(atPath: output, withIntermediateDirectories: true)
        return try AttemptsFile(path: "\(output)/attempts.csv")
    }
}
