import Diagnosis
import Foundation
import Testing

@Suite struct ControlGroupTests {
    /// Groups as the kernel shows them, in a temporary folder.
    private func group(_ membership: String, _ files: [String: String]) throws -> ControlGroup {
        let root = FileManager.default.temporaryDirectory.appending(path: "aam-cgroup-\(UUID().uuidString)")
        defer { try? FileManager.default.removeItem(at: root) }
        for (name, text) in files {
            let file = root.appending(path: name)
            try FileManager.default.createDirectory(
                at: file.deletingLastPathComponent(), withIntermediateDirectories: true)
            try text.write(to: file, atomically: false, encoding: .utf8)
        }
        return ControlGroup(membership: membership, root: root.path)
    }

    @Test func limitsOfVersionTwoAreRead() throws {
        let group = try group(
            "0::/kubepods/pod7\n",
            [
                "kubepods/pod7/cpu.max": "150000 100000\n", "kubepods/pod7/memory.max": "4294967296\n",
                "kubepods/pod7/cpuset.cpus.effective": "4-7,12\n",
            ])
        #expect(group.processorQuota == 1.5)
        #expect(group.memoryLimit == 4 << 30)
        #expect(group.processors == [4, 5, 6, 7, 12])
    }

    @Test func theTightestOfAllGroupsAboveCounts() throws {
        let group = try group(
            "0::/slice/job",
            [
                "cpu.max": "max 100000", "slice/cpu.max": "200000 100000", "slice/job/cpu.max": "400000 100000",
                "slice/memory.max": "max", "slice/job/memory.max": "1000", "cpuset.cpus.effective": "0-7",
                "slice/job/cpuset.cpus.effective": "2-3",
            ])
        #expect(group.processorQuota == 2)
        #expect(group.memoryLimit == 1000)
        #expect(group.processors == [2, 3])
    }

    @Test func limitsOfVersionOneAreRead() throws {
        let group = try group(
            "9:name=systemd:/\n4:memory:/docker/ab\n3:cpuset:/\n1:cpu,cpuacct:/docker/ab\n0::/\n",
            [
                "cpu/docker/ab/cpu.cfs_quota_us": "50000\n", "cpu/docker/ab/cpu.cfs_period_us": "100000\n",
                "memory/docker/ab/memory.limit_in_bytes": "1073741824\n", "cpuset/cpuset.cpus": "0-1\n",
            ])
        #expect(group.processorQuota == 0.5)
        #expect(group.memoryLimit == 1 << 30)
        #expect(group.processors == [0, 1])
    }

    @Test func noLimitIsNone() throws {
        let group = try group(
            "4:memory:/\n1:cpu:/\n0::/\n",
            [
                "cpu/cpu.cfs_quota_us": "-1", "cpu/cpu.cfs_period_us": "100000", "cpu.max": "max 100000",
                "memory/memory.limit_in_bytes": "9223372036854771712", "memory.max": "max\n",
            ])
        #expect(group.processorQuota == nil)
        #expect(group.memoryLimit == nil)
        #expect(group.processors == nil)
    }

    /// A container sees its own groups at the top, whatever their names outside are.
    @Test func groupsOfAContainerAreFoundAtTheTop() throws {
        let group = try group("0::/system/docker-4711", ["cpu.max": "100000 50000", "memory.max": "77"])
        #expect(group.processorQuota == 2)
        #expect(group.memoryLimit == 77)
    }
}
