import Foundation
import TestSupport
import Testing

extension Command {
    /// What `aam doctor` tells, on terminal and in its file, where nothing is wrong and where something is.
    @Suite struct Doctor {
        private static let checks = [
            "launch", "software", "processors", "threads", "memory", "clocks", "network", "allreduce", "data set",
            "output",
        ]
        private let folder: TemporaryFolder
        private var json: String { folder("doctor.json") }

        init() throws { folder = try TemporaryFolder() }

        private func arguments(_ options: [String] = []) -> [String] {
            ["doctor", "--output=\(folder.path)", "--json=\(json)"] + options
        }

        /// A program that each rank starts instead of aam, which chooses by `$OMPI_COMM_WORLD_RANK`.
        private func wrapper(_ script: String) throws -> String {
            let path = try folder.write("wrapper", "#!/bin/sh\n\(script)\n")
            try FileManager.default.setAttributes([.posixPermissions: 0o755], ofItemAtPath: path)
            return path
        }

        /// The findings of a run on two ranks that should end with exit code 1.
        private func problems(_ wrapper: String) throws -> [DoctorReport.Finding] {
            let result = try mpirun(ranks: 2, wrapper)
            #expect(result.status == 1, "\(result.stdout)\(result.stderr)")
            #expect(result.stdout.contains("1 problem, "), "\(result.stdout)")
            return try DoctorReport.read(json).findings.filter { $0.severity == "problem" }
        }

        @Test(arguments: [nil, 1, 2, 3])
        func everyCheckIsMadeAndASoundMachineHasNoProblems(ranks: Int?) throws {
            let result = try AAM.run(arguments(["--data=\(Birds.folder)"]), ranks: ranks)
            #expect(result.status == 0, "\(result.stdout)\(result.stderr)")
            let report = try DoctorReport.read(json)
            #expect(report.ranks == ranks ?? 1)
            #expect(report.hosts.count == 1)
            #expect(report.checks.map(\.name) == Self.checks)
            #expect(report.findings.filter { $0.severity == "problem" } == [])
            let perRank: Set = ["launch", "software", "threads", "data set"]
            for check in report.checks {
                #expect(check.ranks.map(\.rank) == (perRank.contains(check.name) ? Array(0..<report.ranks) : [0]))
                #expect(check.ranks.allSatisfy { $0.failure == nil })
            }

            let lines = result.stdout.split(separator: "\n")
            #expect(lines.allSatisfy { $0.count <= 100 })
            let title = "aam doctor: \(report.ranks) rank\(report.ranks == 1 ? "" : "s") on \(report.hosts[0])"
            #expect(lines.first.map(String.init) == title)
            for name in Self.checks { #expect(lines.contains { $0 == name || $0.hasPrefix("\(name)  (") }, "\(name)") }
            #expect(result.stdout.contains("\nno problems, "))
            for instructions in ["oneDNN works", "OpenBLAS works"] { #expect(result.stdout.contains(instructions)) }
            #expect(
                result.stdout.contains(": \(Birds.classCount) classes, \(Birds.trainCount + Birds.testCount) images, "))
            #expect(try names(in: folder.path) == ["doctor.json"])
        }

        @Test func moreRanksThanProcessorsAreWarnedOf() throws {
            let cores = ProcessInfo.processInfo.activeProcessorCount
            let result = try AAM.run(arguments(), ranks: cores + 1)
            #expect(result.status == 0, "\(result.stdout)\(result.stderr)")
            #expect(result.stdout.contains("\nthreads  (warning below)\n"))
            let finding = try #require(try DoctorReport.read(json).findings.first { $0.check == "threads" })
            #expect(finding.severity == "warning")
            #expect(
                finding.message.hasSuffix(
                    "\(cores + 1) ranks compute with \(cores + 1) threads on \(cores) processor\(cores == 1 ? "" : "s"), which slows every step"
                ))
            #expect(finding.hint == "start at most \(cores) rank\(cores == 1 ? "" : "s") there")
        }

        @Test(arguments: aloneAndTwoRanks)
        func outputThatCannotBeWrittenIsAProblem(ranks: Int?) throws {
            let file = try folder.write("file", "")
            let result = try AAM.run(["doctor", "--output=\(file)/run"], ranks: ranks)
            #expect(result.status == 1)
            let words = "problem  output: rank 0 cannot write to \(file)/run: "
            #expect(result.stdout.replacing(/\n {9}/, with: " ").contains(words), "\(result.stdout)")
        }

        @Test func anotherDataSetOnOneRankIsAProblem() throws {
            let other = folder("other")
            try AAM.succeed([
                "synthesize", "--output=\(other)", "--classes=2", "--train-images=4", "--test-images=2",
                "--image-size=48",
            ])
            let findings = try problems(
                wrapper(
                    """
                    data=\(Birds.folder); [ $OMPI_COMM_WORLD_RANK = 1 ] && data=\(other)
                    exec \(try builtProduct("aam")) doctor --output=\(folder.path) --json=\(json) --data=$data
                    """))
            #expect(
                findings.map(\.message) == [
                    "the ranks have different data sets: rank 0 has 4 classes and 52 images; rank 1 has 2 classes and 12 "
                        + "images"
                ])
        }

        @Test func anotherImageOrLabelOnOneRankIsAProblem() throws {
            let copy = try Birds.copy(into: folder)
            let script = try wrapper(
                """
                data=\(Birds.folder); [ $OMPI_COMM_WORLD_RANK = 1 ] && data=\(copy)
                exec \(try builtProduct("aam")) doctor --output=\(folder.path) --json=\(json) --data=$data
                """)
            // Bytes after an image's end harm no decoder.
            let image = "\(copy)/images/\(try Birds.images(isTraining: true)[7].path)"
            try (bytes(of: image) + [0]).write(to: URL(filePath: image))
            let size = try problems(script)
            #expect(size.count == 1 && size[0].message.hasPrefix("the ranks' lists are the same, but image files have"))
            let labels = "\(copy)/image_class_labels.txt"
            let swapped = try text(of: labels).replacing("\n2 1\n", with: "\n2 2\n")
            try swapped.write(toFile: labels, atomically: false, encoding: .utf8)
            let label = try problems(script)
            #expect(
                label.count == 1 && label[0].message.hasPrefix("the ranks' lists of images, labels or classes differ"))
        }

        @Test func dataThatOneRankLacksIsAProblemOfThatRank() throws {
            let findings = try problems(
                wrapper(
                    """
                    data=\(Birds.folder); [ $OMPI_COMM_WORLD_RANK = 1 ] && data=/nonexistent
                    exec \(try builtProduct("aam")) doctor --output=\(folder.path) --json=\(json) --data=$data
                    """))
            #expect(findings.count == 1 && findings[0].message.hasPrefix("on rank 1: /nonexistent: no such folder"))
        }

        @Test func damagedAndMissingImagesAreProblems() throws {
            let copy = try Birds.copy(into: folder)
            let images = try (Birds.images(isTraining: true) + Birds.images(isTraining: false)).map(\.path)
            for image in images.dropFirst() { _ = try folder.write("birds/images/\(image)", "no image") }
            try FileManager.default.removeItem(atPath: "\(copy)/images/\(images[0])")
            let result = try AAM.run(arguments(["--data=\(copy)"]))
            #expect(result.status == 1)
            let findings = try DoctorReport.read(json).findings.filter { $0.severity == "problem" }
            #expect(
                findings.map { $0.message.prefix(36) } == [
                    "1 of 52 listed images are not there,", "images cannot be read: \(copy)".prefix(36),
                ])
        }

        @Test func anotherExecutableOnOneRankIsAProblem() throws {
            let binary = try builtProduct("aam")
            let other = folder("other-aam")
            try FileManager.default.copyItem(atPath: binary, toPath: other)
            let file = try #require(FileHandle(forWritingAtPath: other))
            try file.seekToEnd()
            try file.write(contentsOf: [0])
            try file.close()
            let findings = try problems(
                wrapper(
                    """
                    aam=\(binary); [ $OMPI_COMM_WORLD_RANK = 1 ] && aam=\(other)
                    exec $aam doctor --output=\(folder.path) --json=\(json)
                    """))
            #expect(findings.map(\.check) == ["software"])
            #expect(findings[0].message.hasPrefix("the ranks do not run the same executable: rank 0 has "))
            #expect(findings[0].hint.contains(other))
        }

        /// As when the library of mpirun or srun is not the one that aam is linked with.
        @Test func ranksThatAreAloneAreAProblemAndTheFirstTellsIt() throws {
            let step = ["SLURM_STEP_NUM_TASKS": "3"]
            let first = try AAM.run(arguments(), environment: step.merging(["SLURM_PROCID": "0"]) { $1 })
            #expect(first.status == 1)
            let findings = try DoctorReport.read(json).findings.filter { $0.severity == "problem" }
            #expect(
                findings.count == 1 && findings[0].message.hasPrefix("srun started 3 ranks, but this one finds itself"))
            let second = try AAM.run(arguments(), environment: step.merging(["SLURM_PROCID": "1"]) { $1 })
            #expect(second.status == 1)
            #expect(second.stdout == "")
        }

        @Test func settingsOfTheMPILibraryAreShownAndInterfacesFollowThem() throws {
            let result = try AAM.run(arguments(), ranks: 2, environment: ["OMPI_MCA_btl_tcp_if_include": "nonsuch0"])
            #expect(result.status == 0, "\(result.stdout)\(result.stderr)")
            #expect(result.stdout.contains("btl_tcp_if_include=nonsuch0"))
            #expect(result.stdout.contains(#/\n {2}MPI over TCP +no interface\n/#))
        }
    }
}

extension Command.Hosts {
    /// Three ranks on two hosts that share a machine, its clock and its files.
    @Test func doctorTellsOfEveryHost() throws {
        let folder = try TemporaryFolder()
        let cluster = try HostCluster(hosts: 2, slots: "2,1", delay: "0.2ms")
        let result = try cluster.mpirun(
            try builtProduct("aam"),
            arguments: [
                "doctor", "--output=\(folder.path)", "--json=\(folder("doctor.json"))", "--data=\(Birds.folder)",
            ])
        let report = try DoctorReport.read(folder("doctor.json"))
        #expect(report.hosts == ["node1", "node2"])
        #expect(result.stdout.hasPrefix("aam doctor: 3 ranks on 2 hosts: node1 2, node2 1\n"), "\(result.stdout)")
        #expect(report.findings.filter { $0.severity == "problem" } == [])
        #expect(result.status == 0)
        #expect(result.stdout.contains(#/\n {2}between hosts +8 B in /#))
        #expect(result.stdout.contains(#/\n {2}within the host +node1 +8 B in /#))
        #expect(result.stdout.contains("the same clock"))
        let ranks = Dictionary(uniqueKeysWithValues: report.checks.map { ($0.name, $0.ranks.map(\.host)) })
        #expect(ranks["threads"] == ["node1", "node1", "node2"])
        #expect(ranks["memory"] == ["node1", "node2"])
    }
}

/// What `aam doctor --json` writes, without the observations.
private struct DoctorReport: Decodable {
    struct Check: Decodable {
        struct Rank: Decodable {
            let rank: Int
            let host: String
            let failure: String?
        }
        let name: String
        let ranks: [Rank]
    }
    struct Finding: Decodable, Equatable { let check, severity, message, hint: String }

    let ranks: Int
    let hosts: [String]
    let checks: [Check]
    let findings: [Finding]

    static func read(_ path: String) throws -> DoctorReport {
        try JSONDecoder().decode(DoctorReport.self, from: bytes(of: path))
    }
}
