import Diagnosis
import Foundation
import Reporting
import Testing

@Suite struct SystemTests {
    @Test(arguments: [("0-3,8", [0, 1, 2, 3, 8]), ("5\n", [5]), ("", []), ("\n", []), ("x,7-6,2", [2])])
    func listsOfProcessorsAreRead(text: String, numbers: [Int]) {
        #expect(ProcessorList.numbers(text) == numbers)
    }

    @Test(arguments: [([3, 1, 0, 2, 8], "0-3,8"), ([5], "5"), ([], ""), ([1, 3, 5], "1,3,5")])
    func listsOfProcessorsAreShort(numbers: [Int], text: String) {
        #expect(ProcessorList.text(numbers) == text)
    }

    @Test func processorsAreCountedBySocketAndCore() {
        func processor(_ number: Int, socket: Int, core: Int) -> String {
            "processor\t: \(number)\nmodel name\t: Some CPU @ 2 GHz\nphysical id\t: \(socket)\ncore id\t\t: \(core)\n"
                + "flags\t\t: sse2 avx2 fma\n"
        }
        // Two sockets of two cores of two hardware threads.
        let text = (0..<8).map { processor($0, socket: $0 / 2 % 2, core: $0 % 2) }.joined(separator: "\n")
        let inventory = ProcessorInventory(cpuinfo: text)
        #expect(inventory.model == "Some CPU @ 2 GHz")
        #expect((inventory.sockets, inventory.cores, inventory.processors) == (2, 4, 8))
        #expect(inventory.flags == ["sse2", "avx2", "fma"])
    }

    @Test func processorsWithoutTopologyAreCores() {
        let inventory = ProcessorInventory(cpuinfo: "processor : 0\n\nprocessor : 1\n")
        #expect((inventory.sockets, inventory.cores, inventory.processors) == (1, 2, 2))
    }

    @Test func librariesAreFoundAmongTheMappedFiles() {
        let maps = """
            7f00-7f01 r--p 00000000 fe:00 123   /usr/lib/libdnnl.so.2.6
            7f01-7f02 r-xp 00001000 fe:00 123   /usr/lib/libdnnl.so.2.6
            7f02-7f03 r--p 00000000 fe:00 124   /usr/lib/openblas-pthread/libopenblasp-r0.3.21.so
            7f03-7f04 r--p 00000000 fe:00 125   /usr/lib/libc-2.31.so
            7f04-7f05 r--p 00000000 fe:00 126   /usr/lib/libcurl.so.4
            7f05-7f06 rw-p 00000000 00:00 0     [heap]
            """
        let paths = LoadedLibraries(maps: maps).paths
        #expect(paths["libdnnl.so"] == "/usr/lib/libdnnl.so.2.6")
        #expect(paths["libopenblas"] == "/usr/lib/openblas-pthread/libopenblasp-r0.3.21.so")
        #expect(paths["libc.so"] == "/usr/lib/libc-2.31.so")
        #expect(paths.count == 3)
    }

    @Test(
        arguments: [
            (
                [
                    "OMPI_COMM_WORLD_SIZE": "4", "OMPI_COMM_WORLD_RANK": "2", "SLURM_STEP_NUM_TASKS": "1",
                    "SLURM_PROCID": "0",
                ], "mpirun", 4, 2
            ),
            (["SLURM_STEP_NUM_TASKS": "3", "SLURM_PROCID": "1"], "srun", 3, 1),
            (["PMI_SIZE": "2", "PMI_RANK": "0"], "a PMI launcher", 2, 0),
            // A batch script of three tasks, which itself runs once.
            (["SLURM_NTASKS": "3", "SLURM_PROCID": "0"], "hand", nil, nil),
            ([:], "hand", nil, nil),
        ] as [([String: String], String, Int?, Int?)])
    func launchersAreKnownByTheirVariables(environment: [String: String], kind: String, size: Int?, rank: Int?) {
        let launcher = Launcher(environment: environment)
        #expect(launcher.kind.rawValue == kind)
        #expect(launcher.size == size)
        #expect(launcher.rank == rank)
    }

    @Test func systemsNameIsRead() {
        let text = "NAME=\"Debian GNU/Linux\"\nPRETTY_NAME=\"Debian GNU/Linux 12 (bookworm)\"\nID=debian\n"
        #expect(RunEnvironment.systemName(osRelease: text) == "Debian GNU/Linux 12 (bookworm)")
        #expect(RunEnvironment.systemName(osRelease: "ID=none\n") == "unknown")
    }

    @Test func environmentCountsRanksOfThisHost() throws {
        let environment = try #require(
            try RunEnvironment.observed(on: Alone.communicator, version: "1.2", threads: 3))
        #expect(environment.ranks == 1 && environment.hosts[0].threads == 3)
        #expect(environment.hosts[0].memory > 0 && environment.hosts[0].hardwareThreads > 0)
        #expect(environment.software.first == .init("aam", "1.2"))
        #expect(environment.software.allSatisfy { $0.version != "unknown" }, "\(environment.software)")
    }

    @Test func endsOfProgramsAreTold() {
        func run(_ script: String, within seconds: Double = 20) -> ProcessEnd {
            .run("/bin/sh", ["-c", script], within: seconds)
        }
        #expect(run("exit 3") == .exit(3))
        #expect(run("kill -ILL $$") == .signal(SIGILL))
        #expect(run("exec sleep 60", within: 0.2) == .timeout)
        #expect(ProcessEnd.run("/nonexistent", [], within: 1) == .unstarted("No such file or directory"))
    }
}
