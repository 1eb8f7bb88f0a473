import Collectives
import Foundation
import Training

/// The processors that each rank may run on, and the threads that it computes with.
public struct ThreadsCheck: Check {
    public struct Observation: Codable, Sendable {
        /// The hardware threads this rank may run on.
        let processors: [Int]
        /// The core of each, by the number of its first hardware thread.
        let cores: [Int]
        /// That this rank would compute with.
        let threads: Int
        /// The hardware threads that any process of this job could have on the machine.
        let available: [Int]
        /// Processors' worth of time that the control group allows; nil without a limit.
        let quota: Double?
        let launcher: Launcher
    }

    public let name = "threads"
    public let scope = CheckScope.rank
    /// The user's number, or 0.
    private let requested: Int

    public init(requested: Int = 0) {
        self.requested = requested
    }

    public func observe(at site: Site, on communicator: any Communicator) throws -> Observation {
        let threads = try communicator.computeThreads(requested: requested)
        let processors = allowedProcessors()
        let group = ControlGroup.current()
        let online = try? KernelFile.text("/sys/devices/system/cpu/online")
        return Observation(
            processors: processors, cores: processors.map(Self.core), threads: threads,
            available: group.processors ?? online.map(ProcessorList.numbers) ?? processors,
            quota: group.processorQuota, launcher: Launcher(environment: ProcessInfo.processInfo.environment))
    }

    private static func core(of processor: Int) -> Int {
        let path = "/sys/devices/system/cpu/cpu\(processor)/topology/thread_siblings_list"
        let siblings = (try? KernelFile.text(path)).map(ProcessorList.numbers)
        return siblings?.min() ?? processor
    }

    public func facts(in observation: Observation) -> [Fact] {
        let (processors, cores) = (observation.processors.count, Set(observation.cores).count)
        let kind =
            processors == cores
            ? Fact.count(cores, "core") : "\(processors) hardware threads of \(Fact.count(cores, "core"))"
        return [
            Fact("may run on", "\(ProcessorList.text(observation.processors)): \(kind)"),
            Fact("threads", "\(observation.threads)"),
        ] + (observation.quota.map { [Fact("quota", String(format: "%.3g processors", $0))] } ?? [])
    }

    public func findings(in observations: [Observed<Observation>]) -> [Finding] {
        let machines = Dictionary(grouping: observations, by: \.site.machine)
        var seen: Set<String> = []
        // Machines in the order of their first ranks; equal ones are told together.
        var groups: [(finding: Finding, hosts: [String])] = []
        for observed in observations where seen.insert(observed.site.machine).inserted {
            let machine = MachineThreads(machines[observed.site.machine] ?? [])
            for finding in machine.findings {
                if let index = groups.firstIndex(where: { $0.finding == finding }) {
                    groups[index].hosts.append(machine.name)
                } else {
                    groups.append((finding, [machine.name]))
                }
            }
        }
        return groups.map { finding, hosts in
            let places =
                hosts.prefix(3).joined(separator: ", ") + (hosts.count > 3 ? " and \(hosts.count - 3) more" : "")
            return Finding(finding.severity, "on \(places), \(finding.message)", hint: finding.hint)
        }
    }
}
