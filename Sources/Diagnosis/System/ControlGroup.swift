import Foundation

/// The limits that Linux' control groups set to this process, of version 2 or 1: those of its own group and of all above.
package struct ControlGroup {
    /// Processors' worth of time; nil without a limit.
    package let processorQuota: Double?
    /// Bytes; nil without a limit.
    package let memoryLimit: Int?
    /// The processors that the group may run on; nil if it does not say.
    package let processors: [Int]?

    /// - Parameters:
    ///   - membership: the text of `/proc/self/cgroup`.
    ///   - root: where the groups are mounted.
    package init(membership: String, root: String = "/sys/fs/cgroup") {
        let groups = Self.folders(membership: membership, root: root)
        func values<Value>(_ controller: String, _ read: (String) -> Value?) -> [Value] {
            (groups[controller] ?? []).compactMap(read)
        }
        func text(_ path: String) -> String? { try? KernelFile.text(path) }
        let quotas =
            values("") { text("\($0)/cpu.max").flatMap(Self.quota) }
            + values("cpu") { folder in
                Self.quota("\(text("\(folder)/cpu.cfs_quota_us") ?? "") \(text("\(folder)/cpu.cfs_period_us") ?? "")")
            }
        let limits =
            values("") { text("\($0)/memory.max").flatMap(Self.limit) }
            + values("memory") { text("\($0)/memory.limit_in_bytes").flatMap(Self.limit) }
        let lists =
            values("") { text("\($0)/cpuset.cpus.effective") }
            + values("cpuset") { text("\($0)/cpuset.effective_cpus") ?? text("\($0)/cpuset.cpus") }
        processorQuota = quotas.min()
        memoryLimit = limits.min()
        // The first is of the group itself: it is within those above.
        processors = lists.map(ProcessorList.numbers).first { !$0.isEmpty }
    }

    static func current() -> ControlGroup {
        ControlGroup(membership: (try? KernelFile.text("/proc/self/cgroup")) ?? "")
    }

    /// The folders of a controller's groups from the process's own upwards; version 2 has them under "".
    ///
    /// In a container the path may be that outside, so that only its end, or nothing of it, is mounted.
    private static func folders(membership: String, root: String) -> [String: [String]] {
        var folders: [String: [String]] = [:]
        for line in membership.split(separator: "\n") {
            let fields = line.split(separator: ":", maxSplits: 2, omittingEmptySubsequences: false)
            guard fields.count == 3 else { continue }
            for controller in fields[1].split(separator: ",", omittingEmptySubsequences: false) {
                let mount = controller.isEmpty ? root : "\(root)/\(controller)"
                var names = fields[2].split(separator: "/").map(String.init)
                var paths = [([mount] + names).joined(separator: "/")]
                while !names.isEmpty {
                    names.removeLast()
                    paths.append(([mount] + names).joined(separator: "/"))
                }
                folders[String(controller)] = paths
            }
        }
        return folders
    }

    /// Of `cpu.max`, as in `150000 100000`: 1.5 processors. Nil for `max 100000` and `-1 100000`.
    static func quota(_ text: String) -> Double? {
        let numbers = text.split(whereSeparator: \.isWhitespace).map { Double($0) }
        guard numbers.count == 2, let time = numbers[0], let period = numbers[1], time > 0, period > 0 else {
            return nil
        }
        return time / period
    }

    /// Of `memory.max`, as in `1073741824`. Nil for `max`, and for the number that version 1 has instead.
    static func limit(_ text: String) -> Int? {
        let none = 1 << 60
        return Int(text.trimmingCharacters(in: .whitespacesAndNewlines)).flatMap { $0 < none ? $0 : nil }
    }
}
