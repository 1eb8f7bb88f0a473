import Diagnosis
import Foundation
import Kernels
import Testing

/// What the smaller checks make of what ranks saw.
@Suite struct CheckTests {
    // MARK: Launch

    private func launch(
        _ kind: String, started: Int, size: Int, threads: Bool = true, sharing: Bool = true
    ) throws -> [String] {
        let observation = try observed(
            LaunchCheck.Observation.self,
            """
            {"launcher": {"kind": "\(kind)", "size": \(started), "rank": 0}, "size": \(size), "allowsThreads": \(threads),
             "isRoot": false, "localSize": \(size), "usesSharedMemory": \(sharing), "settings": {}}
            """)
        return LaunchCheck(environment: [:]).findings(in: [observation]).texts
    }

    @Test func ranksThatDoNotFindEachOtherAreAProblem() throws {
        let mpirun = try launch("mpirun", started: 4, size: 1)
        #expect(mpirun.count == 1)
        #expect(
            mpirun[0].hasPrefix(
                "problem: mpirun started 4 ranks, but this one finds itself alone: each would train a model of its own -> "
                    + "start it with the mpirun of the library that aam is linked with"))
        let srun = try launch("srun", started: 2, size: 1)
        #expect(srun.count == 1 && srun[0].contains("srun --mpi=pmix"))
        #expect(try launch("mpirun", started: 4, size: 4) == [])
    }

    @Test func whatSlowsTheSumsIsWarnedOf() throws {
        let texts = try launch("mpirun", started: 2, size: 2, threads: false, sharing: false)
        #expect(texts.map { $0.contains("MPI_THREAD_MULTIPLE") } == [true, false])
        #expect(texts.map { $0.contains("AAM_SHARED_MEMORY=0") } == [false, true])
        #expect(texts.allSatisfy { $0.hasPrefix("warning: ") })
    }

    // MARK: Software

    private func software(
        _ rank: Int, executable: String = "e", block: Int = 16, instructions: String = "AVX512_CORE",
        libraries: [String: String] = ["libmpi.so.40": "1"], openBLAS: String = "\"openBLASIsSlow\": false"
    ) throws -> Observed<SoftwareCheck.Observation> {
        let files = libraries.map { "\"\($0.key)\": \"\($0.value)\"" }.joined(separator: ",")
        return try observed(
            SoftwareCheck.Observation.self,
            """
            {"version": "1", "executable": "\(executable)", "executablePath": "/bin/aam", "mpi": "Open MPI v4.1.4, package: x",
             "oneDNN": {"version": "2.6.3", "instructions": "\(instructions)", "channelBlock": \(block)},
             "openBLAS": "0.3.21", "openBLASKernels": "Zen", \(openBLAS), "png": "0.7",
             "libraries": {\(files)}}
            """, rank: rank, host: "h\(rank)")
    }

    @Test func oneBuildEverywhereIsFine() throws {
        let check = SoftwareCheck(version: "1")
        #expect(check.findings(in: try (0..<3).map { try software($0) }) == [])
        let facts = check.facts(in: try software(0).value)
        #expect(facts[1] == Fact("MPI", "Open MPI 4.1.4"))
        #expect(facts[2] == Fact("oneDNN", "2.6.3, AVX512_CORE"))
    }

    @Test(arguments: [
        ("", "install a newer OpenBLAS, or keep to the default --backend onednn, which does not use it"),
        (
            ", \"openBLASRemedy\": \"SkylakeX\"",
            "only --backend openblas uses it, and aam then sets OPENBLAS_CORETYPE=SkylakeX itself"
        ),
        (
            ", \"openBLASRemedy\": \"SkylakeX\", \"openBLASCoreType\": \"Zen\"",
            "OPENBLAS_CORETYPE=Zen asks for them: unset it; only --backend openblas uses them"
        ),
    ])
    func slowOpenBLASIsANote(more: String, hint: String) throws {
        let rank = try software(0, openBLAS: "\"openBLASIsSlow\": true\(more)")
        #expect(
            SoftwareCheck(version: "1").findings(in: [rank]).texts == [
                "note: OpenBLAS took its Zen kernels, slower than this processor allows -> \(hint)"
            ])
    }

    @Test func anotherExecutableIsAProblem() throws {
        let ranks = [try software(0), try software(1, executable: "f"), try software(2)]
        #expect(
            SoftwareCheck(version: "1").findings(in: ranks).texts == [
                "problem: the ranks do not run the same executable: h0, h2 have e; h1 has f -> install one build at the "
                    + "same path on every host, or on a file system that all see; they run /bin/aam"
            ])
    }

    @Test func layoutsThatCannotBeSummedAreAProblemAndOtherRoundingsANote() throws {
        let check = SoftwareCheck(version: "1")
        let layouts = [try software(0), try software(1, block: 8, instructions: "AVX2")]
        #expect(check.findings(in: layouts).map(\.severity) == [.problem])
        let roundings = [try software(0), try software(1, instructions: "AVX512_CORE_VNNI")]
        #expect(check.findings(in: roundings).map(\.severity) == [.note])
    }

    @Test func otherLibrariesAreNamed() throws {
        let ranks = [
            try software(0, libraries: ["libmpi.so.40": "1", "libc.so.6": "2"]),
            try software(1, libraries: ["libmpi.so.40": "1", "libc.so.6": "3"]),
        ]
        #expect(
            SoftwareCheck(version: "1").findings(in: ranks).texts.map { $0.prefix { $0 != ">" } } == [
                "warning: libraries differ: libc.so.6: h0 as against h1 -"
            ])
    }

    // MARK: Processors

    private func processors(_ end: @escaping @Sendable (InstructionTrial) -> TrialEnd) throws -> [String] {
        let check = ProcessorCheck(run: end)
        let site = Site(rank: 0, host: "a", machine: "a", isFirstOfHost: true)
        let observation = try check.observe(at: site, on: Alone.communicator)
        return check.findings(in: [Observed(observation, at: site)]).texts
    }

    @Test func instructionsThatFaultAreAProblem() throws {
        #expect(try processors { _ in .right } == [])
        let texts = try processors { trial in trial == .oneDNN ? TrialEnd(.signal(SIGILL)) : .right }
        #expect(texts.count == 1)
        #expect(texts[0].hasPrefix("problem: a computation by oneDNN ended by an illegal instruction"))
        #expect(texts[0].contains("ONEDNN_MAX_CPU_ISA=AVX2"))
        #expect(
            try processors { trial in trial == .openBLAS ? TrialEnd(.exit(1)) : .right }[0].contains(
                "has a wrong result"))
    }

    // MARK: Memory

    private func memory(
        available: Int = 64, limit: Int? = nil, shared: Int = 1024, ranks: Int = 2, files: Int = 4096,
        locked: Int? = nil, infiniBand: Bool = false
    ) throws -> [String] {
        let observation = try observed(
            MemoryCheck.Observation.self,
            """
            {"total": \(64 << 30), "available": \(available << 30), "swap": 0, \(limit.map { "\"limit\": \($0 << 30)," } ?? "")
             "sharedSize": \(shared << 20), "sharedFree": \(shared << 20), "openFiles": \(files),
             \(locked.map { "\"lockedMemory\": \($0)," } ?? "") "hasInfiniBand": \(infiniBand), "ranks": \(ranks), "size": \(ranks)}
            """)
        return MemoryCheck().findings(in: [observation]).texts
    }

    @Test func enoughMemoryIsFine() throws {
        #expect(try memory() == [])
    }

    @Test func tooLittleMemoryIsToldWithItsRemedy() throws {
        #expect(try memory(available: 3)[0].hasPrefix("warning: 3 GiB are available for 2 ranks"))
        #expect(try memory(limit: 4)[0].contains("-> raise the container's memory limit"))
        // One rank shares with nobody.
        #expect(try memory(shared: 8, ranks: 1) == [])
        #expect(try memory(shared: 8)[0].hasPrefix("problem: /dev/shm has 8 MiB free, and 2 ranks share"))
        #expect(try memory(files: 200)[0].contains("-> ulimit -n"))
        #expect(try memory(locked: 1 << 20) == [])
        #expect(try memory(locked: 1 << 20, infiniBand: true)[0].contains("-> ulimit -l unlimited"))
    }
}
